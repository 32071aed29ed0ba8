const named = () => document.querySelectorAll('.hm-row .noUi-handle').forEach(handle => {
  const name = handle.closest('.hm-row').querySelector('.hm-name');
  const set = (what, text) => handle.getAttribute(what) === text || handle.setAttribute(what, text);
  set('aria-label', name.innerText);
  const { places, unit } = name.dataset;
  set('aria-valuetext', `${(handle.getAttribute('aria-valuenow') / 10 ** places).toFixed(places)} ${unit}`);
});
new MutationObserver(named).observe(document.body, {
  childList: true, subtree: true, attributes: true, attributeFilter: ['aria-valuetext'] });
named();
