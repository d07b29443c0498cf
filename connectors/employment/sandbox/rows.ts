import { addDays, addMonths, type SandboxRow, type SandboxRows, type SandboxWorld } from '../../../core/connector.ts'

type Life = SandboxWorld['people'][number]['life']

const OFFICE = '许昌市公共就业服务中心示例经办大厅'

const NOTHING = { jyxs: null, AAB004: null }

/** What an employer reports within thirty days (就业服务与就业管理规定第六十二条), and what the unemployed register some weeks after. */
function standing({ jobs, retirement, incapacity }: Life): SandboxRow | null {
  const job = jobs.at(-1)
  if (retirement) return { ...NOTHING, dqjyzt: '3', djrq: addDays(retirement.day, 10) }
  // Who cannot work is no jobseeker.
  if (!job || incapacity) return null
  if (job.until !== null) return { ...NOTHING, dqjyzt: '2', djrq: `${addMonths(job.until, 1)}19` }
  return { dqjyzt: '1', jyxs: '1', AAB004: job.employer, djrq: `${job.from}22` }
}

const status: SandboxRows = ({ index, name, number }, { people }) => {
  const life = people[index - 1]?.life
  const row = life && standing(life)
  return row ? [{ AAC003: name, AAE135: number, djjgmc: OFFICE, ...row }] : []
}

/** The register's records of the sandbox's invented people, in its own keys and forms. */
export const sandbox: Readonly<Record<string, SandboxRows>> = { 'employment-status': status }
