-- Every column in which something of a person can stand, and whose it is: `personal: customer: …` or
-- `personal: colleague: …`. Whoever erases a contact walks the customer's; the list in ARCHITECTURE.md is made from here,
-- and a test (test/store/personal.test.ts) asks of every column whether it belongs here.

COMMENT ON COLUMN contacts.name IS 'personal: customer: as they or their network say it, or a colleague';
COMMENT ON COLUMN contacts.attributes IS 'personal: customer: their last page, and what a backend or colleagues keep of them';
COMMENT ON COLUMN contacts.tags IS 'personal: customer: colleagues'' words for them';
COMMENT ON COLUMN contact_identities.external_id IS 'personal: customer: their id in a network, often a phone number';
COMMENT ON COLUMN contact_addresses.value IS 'personal: customer: phone or e-mail';
COMMENT ON COLUMN contact_notes.text IS 'personal: customer: what colleagues note of them';
COMMENT ON COLUMN contact_blocks.reason IS 'personal: customer: why colleagues blocked them';
COMMENT ON COLUMN contact_blocks.message IS 'personal: customer: what they were told of it';
COMMENT ON COLUMN visitor_sessions.external_id IS 'personal: customer: their id on the site';
COMMENT ON COLUMN visitor_sessions.name IS 'personal: customer: as they or the site say it';
COMMENT ON COLUMN visitor_sessions.emails IS 'personal: customer: as they or the site say it';
COMMENT ON COLUMN visitor_sessions.phones IS 'personal: customer: as they or the site say it';
COMMENT ON COLUMN visitor_sessions.page_url IS 'personal: customer: the page they were on; links carry names and addresses';

COMMENT ON COLUMN conversations.external_thread IS 'personal: customer: the network''s id of the thread, often theirs';
COMMENT ON COLUMN messages.content IS 'personal: customer: words, files, buttons; of everybody who speaks to them, too';
COMMENT ON COLUMN messages.client_id IS 'personal: customer: what their page or app calls the message';
COMMENT ON COLUMN messages.external_id IS 'personal: customer: the network''s id of the message, which may hold an address';
COMMENT ON COLUMN messages.author_name IS 'personal: colleague: under which name they spoke';
COMMENT ON COLUMN inbox.external_id IS 'personal: customer: the network''s id of the message, which may hold an address';
COMMENT ON COLUMN parked.external_id IS 'personal: customer: the network''s id of the item, which may hold an address';
COMMENT ON COLUMN parked.item IS 'personal: customer: what could not be read, as it came';
COMMENT ON COLUMN outbound.provider_id IS 'personal: customer: the network''s id of the message, which may hold an address';
COMMENT ON COLUMN outbound_parts.provider_id IS 'personal: customer: the network''s id of the part, which may hold an address';
COMMENT ON COLUMN receipts.provider_id IS 'personal: customer: the network''s id of the message, which may hold an address';
COMMENT ON COLUMN receipts.external_id IS 'personal: customer: the network''s id of the receipt, which may hold an address';

COMMENT ON COLUMN comments.text IS 'personal: customer: what colleagues say of them among themselves';
COMMENT ON COLUMN handover_requests.reason IS 'personal: customer: why a person is wanted';
COMMENT ON COLUMN handover_requests.data IS 'personal: customer: whatever the bot hands over';
COMMENT ON COLUMN bot_answers.intake IS 'personal: customer: what they answered, until the turn is taken';
COMMENT ON COLUMN intake_answers.name IS 'personal: customer: what the bot calls the answer';
COMMENT ON COLUMN intake_answers.label IS 'personal: customer: what was asked';
COMMENT ON COLUMN intake_answers.value IS 'personal: customer: what they answered';

COMMENT ON COLUMN agents.name IS 'personal: colleague: as customers see it';
COMMENT ON COLUMN agents.email IS 'personal: colleague: address';
COMMENT ON COLUMN desk_people.external_id IS 'personal: colleague: their id at an outside desk';
COMMENT ON COLUMN desk_people.name IS 'personal: colleague: as the desk says it';
