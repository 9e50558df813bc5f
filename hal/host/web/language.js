// Which of the languages a page has words in is shown.

/**
 * The first of the reader's languages that the catalogue has, else its first one.
 * @template T
 * @param {Record<string, T>} catalogue by two-letter language code
 * @param {readonly string[]} languages as in navigator.languages
 * @returns {T}
 */
export function wordsFor(catalogue, languages) {
  for (const tag of languages) {
    const words = catalogue[tag.toLowerCase().split("-")[0]];
    if (words) return words;
  }
  return Object.values(catalogue)[0];
}
