/** One change of the central schema. Keyed by name: never renamed, never edited once released. */
export interface Migration {
  name: string;
  sql: string;
}
