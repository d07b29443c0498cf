/**
 * Options of an lru-cache that forgets what is beyond so many entries. By size, and not by its `max`: for that it sets aside all
 * its room at once, milliseconds and megabytes that most hubs never fill.
 */
export const atMost = (entries: number) => ({ maxSize: entries, sizeCalculation: () => 1 })
