/** The shape of posts that are on their way. */

import './skeleton.css';
import './wire.css';
import './flag.css';

const SHAPES: readonly (readonly string[])[] = [
  ['38%', '96%', '72%'],
  ['30%', '92%', '54%', 'picture'],
  ['34%', '88%', '80%'],
  ['42%', '64%'],
  ['28%', '94%', '90%', '40%'],
];

export function PostBones({ posts = 5, name }: { posts?: number; name: string }) {
  return (
    <div className="skeleton" role="status" aria-label={name}>
      {SHAPES.slice(0, posts).map((bones) => (
        <div className="wired" key={bones.join()}>
          <span className="flag" />
          <div className="main">
            {bones.map((size) =>
              size === 'picture' ? (
                <span className="bone" data-picture key={size} />
              ) : (
                <span className="bone" style={{ inlineSize: size }} key={size} />
              ),
            )}
          </div>
        </div>
      ))}
    </div>
  );
}

export function PeopleBones({ people = 4, name }: { people?: number; name: string }) {
  return (
    <div className="skeleton panel" role="status" aria-label={name}>
      {SHAPES.slice(0, people).map((bones) => (
        <div className="person" key={bones.join()}>
          <span className="flag" />
          <span className="who">
            <span className="bone" style={{ inlineSize: bones[0] }} />
            <span className="bone" style={{ inlineSize: '20%' }} />
          </span>
        </div>
      ))}
    </div>
  );
}
