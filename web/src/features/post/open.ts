/** Go to a post's own page. */

import { navigate } from 'wouter/use-browser-location';

export function openPost(id: string): void {
  navigate(`/post/${id}`);
}
