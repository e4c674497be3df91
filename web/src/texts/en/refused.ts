/** What is said when something was refused: by code, and more exactly by code and field. */

/** Our sentence for each code; the server's own stands before it in its own language. */
const codes = {
  invalid: 'That cannot be done like this.',
  unknown_type: 'The server does not know this yet.',
  unauthenticated: 'Sign in first.',
  forbidden: 'That is not yours to change.',
  not_found: 'That is not here any more.',
  conflict: 'That is taken already.',
  too_long: 'That is too long.',
  too_many: 'That is too many.',
  rate_limited: 'That was too fast.',
  unavailable: 'The server is busy right now. Nothing was changed.',
  internal: 'Something went wrong on the server.',
  offline: 'The server cannot be reached.',
  ended: 'You are signed out here. Sign in to go on.',
  cancelled: 'Stopped.',
};

/** `code field`: these stand before all others. */
const exact: Readonly<Record<string, string>> = {
  'cancelled late': 'This was not sent in time. Look it over first.',
  'cancelled media': 'A picture had not arrived before the page was closed.',
  'invalid file': 'This is not a picture that can be shown.',
  'too_long file': 'This picture is too big.',
  'not_found media': 'A picture is no longer there. Take it out and add it again.',
  'not_found reply_to': 'The post you answer is not here any more.',
  'not_found quote_of': 'The post you quote is not here any more.',
};

export const refused = {
  generic: 'That did not work. You can try again.',
  /** The server's own sentences are in this language. */
  isServers: true,
  codes,
  exact,
};
