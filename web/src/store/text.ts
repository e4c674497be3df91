/** What the composer counts and what a post's text holds, by the same rules as the server's. */

/** A piece of a text, in order; the pieces joined are the text. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'mention'; readonly text: string; readonly name: string }
  | { readonly kind: 'hashtag'; readonly text: string; readonly tag: string }
  | { readonly kind: 'link'; readonly text: string; readonly href: string };

/** What a text measures: after NFC and trimming, in grapheme clusters. */
export interface Measure {
  readonly graphemes: number;
  /** Nothing in it can be seen. */
  readonly empty: boolean;
  /** A control character, or too many marks on one letter: the server would refuse it. */
  readonly forbidden: boolean;
}

const SEGMENTER = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const MARKS_MAX = 8;
const JOINED_MAX = 32;

const CONTROL = /[\p{Cc}\p{Cs}]/u;
const MARK = /\p{M}/gu;
const SEEN = /[^\p{Default_Ignorable_Code_Point}\p{White_Space}\u2800\ufff9-\ufffb]/u;
const ASCII = /^[\x20-\x7e\n\t]*$/;
// Spelt out instead of the i flag, under which ſ is an s.
const LINK =
  /(?<![\p{L}\p{N}_])[Hh][Tt][Tt][Pp][Ss]?:\/\/[\p{L}\p{N}][\p{L}\p{N}\p{M}.-]*(?::[0-9]{1,5})?(?:[/?#][^\p{White_Space}\p{Cc}\p{Cf}<>"`{}|\\^]*)?/gu;
const MENTION = /(?<![\p{L}\p{N}\p{M}_@/])@([A-Za-z0-9_]{2,30})(?![\p{L}\p{N}\p{M}_@])/gu;
const HASHTAG = /(?<![\p{L}\p{N}\p{M}_&/#])#([\p{L}\p{N}_][\p{L}\p{N}\p{M}_\u200c]*)/gu;
const LETTER = /\p{L}/u;
const CLOSING: Readonly<Record<string, string>> = { ')': '(', ']': '[' };
const TRAILING = ".,:;!?'…)]»”’";

/** Count what a reader calls characters. */
export function graphemes(text: string): number {
  if (ASCII.test(text)) return text.length;
  let n = 0;
  for (const _ of SEGMENTER.segment(text)) n += 1;
  return n;
}

/** The text as it will be stored, if it may be: NFC, trimmed. */
export function normal(text: string): string {
  const trimmed = text.normalize('NFC').trim();
  return SEEN.test(trimmed) ? trimmed : '';
}

export function measure(raw: string): Measure {
  const text = normal(raw);
  // Judged before trimming, as the server does.
  const forbidden = CONTROL.test(raw.replaceAll('\n', '')) || isStacked(text);
  return { graphemes: graphemes(text), empty: text === '', forbidden };
}

function isStacked(text: string): boolean {
  if (ASCII.test(text)) return false;
  for (const { segment } of SEGMENTER.segment(text)) {
    if (segment.length <= MARKS_MAX) continue;
    if ([...segment].length > JOINED_MAX) return true;
    if ((segment.match(MARK)?.length ?? 0) > MARKS_MAX) return true;
  }
  return false;
}

/**
 * Where the excess begins: the index in `raw` behind the first `limit` graphemes, or its length.
 * The composer marks what is behind it.
 */
export function excessFrom(raw: string, limit: number): number {
  const lead = raw.length - raw.trimStart().length;
  let n = 0;
  for (const { index, segment } of SEGMENTER.segment(raw.slice(lead))) {
    if (n === limit && segment.trim() !== '') return lead + index;
    if (n < limit) n += 1;
  }
  return raw.length;
}

interface Span {
  readonly start: number;
  readonly end: number;
  readonly piece: Piece;
}

/** Cut a text into words, links, mentions and hashtags. Only http and https make a link. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let at = 0;
  for (const span of spans(text)) {
    if (span.start > at) found.push({ kind: 'text', text: text.slice(at, span.start) });
    found.push(span.piece);
    at = span.end;
  }
  if (at < text.length) found.push({ kind: 'text', text: text.slice(at) });
  return found;
}

/** Whom a text names: folded, in order, each once. */
export function mentions(text: string): string[] {
  const names = pieces(text).flatMap((piece) => (piece.kind === 'mention' ? [piece.name] : []));
  return [...new Set(names)];
}

export function links(text: string): string[] {
  return linkSpans(text).map(({ piece }) => piece.text);
}

/** The tags of a text, `#` included, in order. */
export function hashtags(text: string): string[] {
  return pieces(text).flatMap((piece) => (piece.kind === 'hashtag' ? [piece.text] : []));
}

function spans(text: string): Span[] {
  const inLinks = linkSpans(text);
  const isFree = (start: number) => !inLinks.some((l) => l.start <= start && start < l.end);
  const named = [...text.matchAll(MENTION)].map((m) => mentionSpan(m));
  const tagged = [...text.matchAll(HASHTAG)].filter((m) => LETTER.test(m[1] ?? '')).map(tagSpan);
  const others = [...named, ...tagged].filter(({ start }) => isFree(start));
  return [...inLinks.filter(isSafe), ...others].sort((a, b) => a.start - b.start);
}

function mentionSpan(match: RegExpExecArray): Span {
  const name = (match[1] ?? '').toLowerCase();
  const piece: Piece = { kind: 'mention', text: match[0], name };
  return { start: match.index, end: match.index + match[0].length, piece };
}

function tagSpan(match: RegExpExecArray): Span {
  const piece: Piece = { kind: 'hashtag', text: match[0], tag: match[1] ?? '' };
  return { start: match.index, end: match.index + match[0].length, piece };
}

function linkSpans(text: string): Span[] {
  return [...text.matchAll(LINK)].map((match) => {
    const address = withoutTrailing(match[0]);
    const piece: Piece = { kind: 'link', text: address, href: address };
    return { start: match.index, end: match.index + address.length, piece };
  });
}

function isSafe({ piece }: Span): boolean {
  return piece.kind === 'link' && URL.canParse(piece.href);
}

function withoutTrailing(address: string): string {
  let end = address.length;
  while (end > 0) {
    const last = address.charAt(end - 1);
    if (!TRAILING.includes(last)) break;
    const opening = CLOSING[last];
    if (opening !== undefined) {
      const kept = address.slice(0, end);
      if (count(kept, opening) >= count(kept, last)) break;
    }
    end -= 1;
  }
  return address.slice(0, end);
}

function count(text: string, sign: string): number {
  return text.split(sign).length - 1;
}

/** The form in which names are compared, without a leading @. */
export function foldName(raw: string): string {
  return raw.replace(/^@/, '').normalize('NFKC').toLowerCase();
}
