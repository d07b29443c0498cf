import type { SandboxRow, SandboxSubject } from '../../../core/connector.ts'

/** A visit that was and one to come; person 7 has booked none. */
export function bookings({ index, name }: SandboxSubject): readonly SandboxRow[] {
  if (index === 7) return []
  return [
    { yyr: name, zt: '儿童科学乐园', cgrq: '20260620', rs: '3', yyzt: '2' },
    { yyr: name, zt: '球幕影院', cgrq: '20261001', rs: String(index), yyzt: '1' },
  ]
}
