/** One page of a list, and the token of the next. */
interface Page<Item> {
  readonly items: readonly Item[] | undefined;
  readonly next: string | undefined;
}

/** All items of a list that comes in pages. */
export async function allPages<Item>(
  readPage: (token: string | undefined) => Promise<Page<Item>>,
): Promise<Item[]> {
  const items: Item[] = [];
  let token: string | undefined;
  do {
    const page = await readPage(token);
    items.push(...(page.items ?? []));
    // EC2 ends some lists with an empty token.
    token = page.next || undefined;
  } while (token !== undefined);
  return items;
}

/** In runs of at most `size`. */
export function chunksOf<Item>(items: readonly Item[], size: number): Item[][] {
  const chunks: Item[][] = [];
  for (let i = 0; i < items.length; i += size) chunks.push(items.slice(i, i + size));
  return chunks;
}
