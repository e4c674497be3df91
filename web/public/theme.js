// Before anything is drawn: the theme chosen on this device, so that no other one flashes first.
try {
  const chosen = localStorage.getItem('realtime.theme');
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
} catch {
  // Without storage the system's theme is worn.
}
