/** Our name, drawn; in `mark` only its first letter and the lamp. */

import './wordmark.css';

export function Wordmark({ size = 'full' }: { size?: 'full' | 'mark' }) {
  if (size === 'mark')
    return (
      <svg
        className="wordmark"
        data-size="mark"
        viewBox="0 0 32 32"
        role="img"
        aria-label="realtime"
      >
        <path className="wordmark-r" d="M9 8v19M9 17.5c0-5.5 3-8.6 7.5-8.9" />
        <circle className="wordmark-lamp" cx="21" cy="8.6" r="5" strokeWidth="2" />
      </svg>
    );
  return (
    <svg
      className="wordmark"
      data-size="full"
      viewBox="0 0 122 32"
      role="img"
      aria-label="realtime"
    >
      <g fill="none" stroke="currentColor" strokeWidth="3.3" strokeLinecap="round">
        <path d="M3.5 13v13M3.5 19.3c0-3.8 2-5.9 5.3-6.1M17.9 19.3h12.6a6.4 6.4 0 1 0-2 4.8M49 13v13M56.5 4.5V26M63.6 6.5v15.2a4.2 4.2 0 0 0 4.3 4.3M60 13h7.6M74 13v13M81 13v13M81 18a5 5 0 0 1 10 0v8M91 18a5 5 0 0 1 10 0v8M106.9 19.3h12.6a6.4 6.4 0 1 0-2 4.8" />
        <circle cx="42.6" cy="19.5" r="6.4" />
      </g>
      <circle cx="74" cy="6.5" r="2.1" fill="currentColor" />
      <circle className="wordmark-lamp" cx="11.9" cy="12.9" r="3.3" strokeWidth="1.5" />
    </svg>
  );
}
