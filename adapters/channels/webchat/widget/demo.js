/* A site writes the script's tag into its pages; the demo page has its channel in the address. */
const { account, channel } = Object.fromEntries(new URLSearchParams(location.search));
if (account && channel) {
  const script = document.createElement('script');
  script.src = 'widget.js';
  Object.assign(script.dataset, { account, channel });
  document.body.append(script);
} else {
  document.getElementById('missing').hidden = false;
}
