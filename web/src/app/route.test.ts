import { expect, test } from 'vitest';
import { pageKey, routeOf } from './route';

test.each([
  ['/', { page: 'home' }],
  ['/explore', { page: 'explore' }],
  ['/explore/', { page: 'explore' }],
  ['/search', { page: 'search' }],
  ['/settings', { page: 'settings' }],
  ['/login', { page: 'login' }],
  ['/register', { page: 'register' }],
  ['/post/7300000000042', { page: 'post', id: '7300000000042' }],
  ['/post/x', { page: 'missing' }],
  ['/post/', { page: 'missing' }],
  ['/@ada', { page: 'profile', name: 'ada', tab: 'posts' }],
  ['/@Ada/', { page: 'profile', name: 'ada', tab: 'posts' }],
  ['/@007', { page: 'profile', name: '007', tab: 'posts' }],
  ['/@ada/pictures', { page: 'profile', name: 'ada', tab: 'pictures' }],
  ['/@ada/reactions', { page: 'profile', name: 'ada', tab: 'reactions' }],
  ['/@ada/followers', { page: 'people', name: 'ada', direction: 'followers' }],
  ['/@ada/following', { page: 'people', name: 'ada', direction: 'following' }],
  ['/@ada/else', { page: 'missing' }],
  ['/@a', { page: 'missing' }],
  ['/constructor', { page: 'missing' }],
  ['/nowhere/at/all', { page: 'missing' }],
])('%s is %o', (path, route) => {
  expect(routeOf(path)).toEqual(route);
});

test('the lists of one person are one page, two posts are two', () => {
  expect(pageKey(routeOf('/@ada'))).toBe(pageKey(routeOf('/@ada/pictures')));
  expect(pageKey(routeOf('/post/1'))).not.toBe(pageKey(routeOf('/post/2')));
});
