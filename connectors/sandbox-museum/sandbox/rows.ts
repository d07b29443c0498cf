import { addDays, type SandboxRow, type SandboxSubject, type SandboxWorld } from '../../../core/connector.ts'

/** A visit that was and one to come; person 7 has booked none. */
export function bookings({ index, name }: SandboxSubject, { today }: SandboxWorld): readonly SandboxRow[] {
  if (index === 7) return []
  return [
    { yyr: name, zt: '儿童科学乐园', cgrq: addDays(today, -100), rs: '3', yyzt: '2' },
    { yyr: name, zt: '球幕影院', cgrq: addDays(today, 5), rs: String(index), yyzt: '1' },
  ]
}
