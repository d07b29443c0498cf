import type { Section } from '../../../console/section.ts'
import { alerts } from './alerts.ts'
import { audit } from './audit.ts'
import { credentials } from './credentials.ts'
import { enterprises } from './enterprises.ts'
import { jobs } from './jobs.ts'
import { orders } from './orders.ts'
import { partners } from './partners.ts'
import { requests } from './requests.ts'
import { security } from './security.ts'
import { statistics } from './statistics.ts'
import { users } from './users.ts'
import { wall } from './wall.ts'

/** In the order in which the pages name them. */
export const sections: readonly Section[] = [
  wall,
  statistics,
  alerts,
  jobs,
  credentials,
  orders,
  requests,
  users,
  enterprises,
  partners,
  security,
  audit,
]
