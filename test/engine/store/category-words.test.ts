import { expect, test } from 'vitest';
import { categoriesTable } from '../../../electron/engine/store/categories.ts';
import { openDatabase } from '../../../electron/engine/store/database.ts';

test('categories of a dataset are found by words of both languages, a person’s own included', () => {
  const db = openDatabase(':memory:');
  db.exec(`INSERT INTO datasets (id, name) VALUES (1, 'Pets')`);
  const categories = categoriesTable(db);
  const [dog] = categories.ensureAll(1, [{ name: 'dog', supercategory: 'animal', wordnetId: 'n02084071' }]);
  const cat = categories.ensure(1, 'cat');
  categories.ensure(1, 'Mr Whiskers');

  const words = new Map(categories.words(1).map((entry) => [entry.categoryId, entry.words]));
  expect(words.get(dog!)).toContain('狗');
  expect(words.get(cat)).toContain('kitty');
  expect(words.size).toBe(2);
});
