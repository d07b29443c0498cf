import { isIdNumber, isPhone, normalIdNumber, normalPhone } from '../../core/base/checksums.ts'
import { UpstreamError } from '../../core/upstream/error.ts'
import type { Reply } from '../platforms/client.ts'
import { IDENTITY_CARD } from '../store/identity-hash.ts'
import type { UserLevel } from '../users/users.ts'
import type { SignOnConfiguration } from './configuration.ts'

/** Somebody as the sign-on vouches for him. Name and id number are there exactly at level `real-name`. */
export interface SignOnIdentity {
  subject: string
  level: UserLevel
  person: { name: string; idType: string; idNumber: string } | null
  phone: string | null
  nickname: string | null
  /** An https address. */
  avatarUrl: string | null
}

const LONGEST_SUBJECT = 200
const LONGEST_NAME = 100
/** As `PATCH /v1/me` takes them. */
const LONGEST_NICKNAME = 32
const LONGEST_AVATAR = 500
const WEB_ADDRESS = /^https:\/\/[^\s<>"]+$/

/** → the platform's answer about its user; throws HUB_UPSTREAM_INVALID where it cannot be what it says. */
export function readIdentity(reply: Reply, { fields, levels, idTypes }: SignOnConfiguration): SignOnIdentity {
  const subject = textAt(reply, fields.subject)
  // Compared to the letter by every database only without spaces at its ends.
  if (subject === null || subject.length > LONGEST_SUBJECT || /[\p{Cc}]/u.test(subject)) throw invalid('subject')
  const phone = normalPhone(textAt(reply, fields.phone) ?? '')
  const level = own(levels, textAt(reply, fields.level)) ?? 'login'
  const idType = own(idTypes, textAt(reply, fields.idType))
  // What wasn't verified is not taken in, and a kind of paper that the hub doesn't know verifies nobody.
  const person = level === 'real-name' && idType !== null ? readPerson(reply, fields, idType) : null
  return {
    subject,
    level: person ? 'real-name' : 'login',
    person,
    phone: isPhone(phone) ? phone : null,
    nickname: fitting(textAt(reply, fields.nickname), LONGEST_NICKNAME, /^\P{Cc}+$/u),
    avatarUrl: fitting(textAt(reply, fields.avatar), LONGEST_AVATAR, WEB_ADDRESS),
  }
}

/** An ornament that doesn't fit is left out: it is no reason to turn anybody away. */
function fitting(text: string | null, longest: number, pattern: RegExp): string | null {
  return text !== null && text.length <= longest && pattern.test(text) ? text : null
}

function readPerson(reply: Reply, fields: SignOnConfiguration['fields'], idType: string) {
  const name = textAt(reply, fields.name)
  const given = textAt(reply, fields.idNumber)
  const idNumber = given === null ? null : idType === IDENTITY_CARD ? normalIdNumber(given) : given.toUpperCase()
  if (name === null || name.length > LONGEST_NAME || /[\p{Cc}]/u.test(name)) throw invalid('name')
  if (idNumber === null || !(idType === IDENTITY_CARD ? isIdNumber(idNumber) : /^[\dA-Z()（）-]{4,32}$/.test(idNumber)))
    throw invalid('idNumber')
  return { name, idType, idNumber }
}

/** → the text or number at a dotted path, without spaces around it; null where there is none. */
export function textAt(reply: Reply, path: string): string | null {
  let value: unknown = reply
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return null
    value = (value as Reply)[key]
  }
  // A number that lost digits is no longer the one that was sent.
  if (typeof value !== 'string' && !Number.isSafeInteger(value)) return null
  const text = String(value).trim()
  return text === '' ? null : text
}

function own<T>(table: Readonly<Record<string, T>>, key: string | null): T | null {
  return key !== null && Object.hasOwn(table, key) ? (table[key] ?? null) : null
}

function invalid(field: string): UpstreamError {
  return new UpstreamError('HUB_UPSTREAM_INVALID', { delivery: 'unknown', status: 200 }, { field })
}
