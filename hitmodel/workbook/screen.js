const named = () => document.querySelectorAll('.hm-row:has(.noUi-handle:not([aria-label]))').forEach(row =>
  row.querySelector('.noUi-handle').setAttribute('aria-label', row.querySelector('.hm-name').innerText));
new MutationObserver(named).observe(document.body, {childList: true, subtree: true});
named();
