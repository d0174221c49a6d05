/** @file Categories as a tree with the pictures of each and all below it, and the rows of it that are open. */
import type { Category } from '#core/category.ts';
import type { ImageFilter } from '#core/image-filter.ts';

export interface CategoryNode {
  category: Category;
  /** Pictures of it and of all below it. */
  imageCount: number;
  /** Most pictures first. */
  children: CategoryNode[];
}

export interface CategoryTreeRow extends CategoryNode {
  /** 1 at the top. */
  level: number;
  open: boolean;
  parentId: number | null;
  /** Place among those of the same parent, from 1. */
  place: number;
  siblingCount: number;
}

/** Without those that have no pictures, also not below them. A circle of parents begins at one of its own. */
export function categoryTree(categories: readonly Category[]): CategoryNode[] {
  const byId = new Map(categories.map((category) => [category.id, category]));
  const childrenOf = Map.groupBy(categories, ({ parentId }) =>
    parentId !== null && byId.has(parentId) ? parentId : null,
  );
  const placed = new Set<number>();

  function nodes(list: readonly Category[]): CategoryNode[] {
    return list
      .flatMap((category) => {
        if (placed.has(category.id)) return [];
        placed.add(category.id);
        const children = nodes(childrenOf.get(category.id) ?? []);
        const imageCount = children.reduce((sum, child) => sum + child.imageCount, category.imageCount);
        return imageCount > 0 ? [{ category, imageCount, children }] : [];
      })
      .sort(byCount);
  }

  const roots = nodes(childrenOf.get(null) ?? []);
  const circling = categories.filter(({ id }) => !placed.has(id));
  return [...roots, ...nodes(circling)].sort(byCount);
}

/** @param isOpen  of one that has others below it */
export function openRows(roots: readonly CategoryNode[], isOpen: (categoryId: number) => boolean): CategoryTreeRow[] {
  const rows: CategoryTreeRow[] = [];
  function add(nodes: readonly CategoryNode[], level: number, parentId: number | null): void {
    for (const [index, node] of nodes.entries()) {
      const { id } = node.category;
      const open = node.children.length > 0 && isOpen(id);
      rows.push({ ...node, level, open, parentId, place: index + 1, siblingCount: nodes.length });
      if (open) add(node.children, level + 1, id);
    }
  }
  add(roots, 1, null);
  return rows;
}

/** Pictures of a category and of all below it. */
export function filterOf({ category: { id }, children }: CategoryNode): ImageFilter {
  return children.length === 0
    ? { categoryId: id, underCategoryId: undefined }
    : { categoryId: undefined, underCategoryId: id };
}

/** Whether that is what the view shows. */
export function isShown({ category: { id } }: CategoryNode, filter: ImageFilter): boolean {
  return filter.underCategoryId === id || filter.categoryId === id;
}

function byCount(a: CategoryNode, b: CategoryNode): number {
  return b.imageCount - a.imageCount || a.category.name.localeCompare(b.category.name);
}
