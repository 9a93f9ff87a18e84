-- An export and an erasure at the same time: whichever is second waits for the other's contact row, and finds it. So a file is
-- written and listed to whoever erases, or it isn't written; see store/exports.ts.

CREATE POLICY of_worker ON erasures FOR SELECT TO baton_worker USING (account_id = current_setting('baton.account')::uuid);
GRANT SELECT (account_id, contact_id, finished_at) ON erasures TO baton_worker;

