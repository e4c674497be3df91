/** A docstring as paragraphs, with what stands between backticks as code. */

export function Prose({ text }: { text: string }) {
  return text.split(/\n\s*\n/).map((paragraph) => (
    <p key={paragraph}>
      <Words text={paragraph} />
    </p>
  ));
}

/** One line of it, in whatever it stands. */
export function Words({ text }: { text: string }) {
  return text.split('`').map((piece, at) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one text never move.
    at % 2 === 1 ? <code key={at}>{piece}</code> : piece,
  );
}
