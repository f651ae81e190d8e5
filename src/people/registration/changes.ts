/** One field that a registration changed. */
export interface FieldChange {
  /** `messagingGroup.name`, … */
  field: string;
  from: unknown;
  to: unknown;
}

/** The fields in which two versions of the same entity differ. */
export function changesBetween<T extends object>(entity: string, before: T, after: T): FieldChange[] {
  const old = new Map<string, unknown>(Object.entries(before));
  return Object.entries(after)
    .map(([key, to]) => ({ field: `${entity}.${key}`, from: old.get(key), to }))
    .filter((change) => JSON.stringify(change.from) !== JSON.stringify(change.to));
}
