import { screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { draw } from '../testing/draw';
import { RichText } from './rich-text';

test('a mention leads to the person', () => {
  draw(<RichText text="Thanks @Tove, see you" />);
  expect(screen.getByRole('link', { name: '@Tove' }).getAttribute('href')).toBe('/@tove');
});

test('a link leaves out what everybody knows, and opens apart', () => {
  draw(<RichText text="See https://www.example.org/a/ now" />);
  const link = screen.getByRole('link', { name: 'example.org/a' });
  expect(link.getAttribute('href')).toBe('https://www.example.org/a/');
  expect(link.getAttribute('rel')).toContain('noopener');
  expect(link.getAttribute('target')).toBe('_blank');
});

test('a hashtag leads to what else holds it', () => {
  draw(<RichText text="Wind 6 #Fähre" />);
  const link = screen.getByRole('link', { name: '#Fähre' });
  expect(link.getAttribute('href')).toBe('/search?q=%23F%C3%A4hre');
});

test('nothing but http and https becomes a link', () => {
  draw(<RichText text="javascript:alert(1) data:text/html,x <b>bold</b>" />);
  expect(screen.queryByRole('link')).toBeNull();
  expect(screen.getByText(/<b>bold<\/b>/)).toBeTruthy();
});

test('the words stand as they were written, in their own direction', () => {
  const { container } = draw(<RichText text={'one\n\ntwo #three'} />);
  const text = container.querySelector('.text');
  expect(text?.textContent).toBe('one\n\ntwo #three');
  expect(text?.getAttribute('dir')).toBe('auto');
});
