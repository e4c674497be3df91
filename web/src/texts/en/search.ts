/** What is said about searching. */

export const search = {
  title: 'Search',
  found: (q: string) => `Search: ${q}`,
  field: 'Search posts and people',
  placeholder: 'Search',
  kinds: 'What is searched',
  posts: 'Posts',
  people: 'People',
  results: 'Posts that were found',
  beginTitle: 'What are you looking for?',
  begin: 'Words in posts, the beginnings of names, or a #hashtag. The last word may be unfinished.',
  nothing: (q: string) => `Nothing for “${q}”`,
  noPosts: 'Each word has to be in the post; fewer or shorter words find more.',
  noPeople: 'Search looks at the beginnings of names.',
};
