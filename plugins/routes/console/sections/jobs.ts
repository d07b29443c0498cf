import type { ConsolePage, Form } from '../../../console/blocks.ts'
import { first, follow, pager, pathOf, purposeField, readable, withQuery } from '../../../console/parts.ts'
import type { Section, Visit } from '../../../console/section.ts'

interface Overview {
  types: { name: string; title: string; waiting: number; due: number; running: number; failed: number; oldestSeconds: number | null }[]
  schedules: {
    title: string
    pattern: string
    dueAt: string
    running: boolean
    failures: number
    lastError: string | null
    endedAt: string | null
  }[]
}

interface Letter {
  id: string
  type: string
  about: string
  lastError: string | null
  attempts: number
  createdAt: string
}

const PATH = '/console/jobs'

/** Background work, what came to nothing, and having it tried again or given up. */
export const jobs: Section = {
  path: PATH,
  title: '后台任务',
  permission: 'jobs.read',
  routes(desk) {
    desk.page('/jobs', show)
    for (const [act, said] of [
      ['replay', '已重新排队。'],
      ['drop', '已放弃。'],
    ] as const)
      desk.act(`/jobs/${act}`, 'jobs.change', async (visit, typed) => {
        const path = pathOf`/admin/jobs/${first(typed, 'id')}/${act}`
        const answer = await visit.ask({ method: 'POST', path, body: { purpose: first(typed, 'purpose') } })
        return follow(answer, said, () => show(visit))
      })
  },
}

async function show({ get, given, query, may }: Visit): Promise<ConsolePage> {
  const [{ data: overview }, { data: letters, meta }] = await Promise.all([
    get<Overview>('/admin/jobs'),
    get<Letter[]>(withQuery('/admin/jobs/dead', given('type', 'page'))),
  ])
  const titles = Object.fromEntries(overview.types.map(({ name, title }) => [name, title]))
  return {
    title: '后台任务',
    blocks: [
      {
        kind: 'table',
        caption: '队列',
        columns: ['种类', '待办', '已到时间', '正在办理', '须人工处理', '最久已等待'],
        rows: overview.types.map(({ title, waiting, due, running, failed, oldestSeconds }) => [
          title,
          waiting,
          due,
          running,
          failed === 0 ? 0 : { text: String(failed), tone: 'bad' },
          oldestSeconds === null ? null : `${oldestSeconds} 秒`,
        ]),
        empty: '没有队列。',
      },
      { kind: 'heading', text: '没有办成、须人工处理的' },
      {
        kind: 'filters',
        action: PATH,
        fields: [
          {
            ...{ name: 'type', label: '种类', type: 'choice', value: query('type') },
            options: [{ value: '', label: '所有' }, ...overview.types.map(({ name, title }) => ({ value: name, label: title }))],
          },
        ],
      },
      {
        kind: 'table',
        caption: '最近的在前',
        columns: ['编号', '种类', '事由或对象', '最近的错误', '尝试', '建立时间'],
        rows: letters.map(({ id, type, about, lastError, attempts, createdAt }) => [
          id,
          titles[type] ?? type,
          about,
          lastError,
          attempts,
          readable(createdAt),
        ]),
        empty: '没有。',
      },
      pager(PATH, meta.page, given('type')),
      ...(may('jobs.change') && letters.length > 0 ? [act(letters, 'replay', '重新办理'), act(letters, 'drop', '放弃')] : []),
      { kind: 'heading', text: '定时任务' },
      {
        kind: 'table',
        caption: '时间为北京时间（cron）',
        columns: ['任务', '时间', '下次', '最近一次', '连续失败', '最近的错误'],
        rows: overview.schedules.map(({ title, pattern, dueAt, running, failures, lastError, endedAt }) => [
          running ? { text: title, more: '正在进行' } : title,
          pattern,
          readable(dueAt),
          readable(endedAt),
          failures === 0 ? 0 : { text: String(failures), tone: 'bad' },
          lastError,
        ]),
        empty: '没有定时任务。',
      },
    ],
  }
}

function act(letters: readonly Letter[], to: 'replay' | 'drop', words: string): Form {
  const options = letters.map(({ id, about }) => ({ value: id, label: `${about}（${id.slice(0, 8)}）` }))
  return {
    ...{ kind: 'form', action: `${PATH}/${to}`, title: `${words}一件`, button: words, folded: true },
    ...(to === 'drop' ? { tone: 'bad' as const } : {}),
    fields: [{ name: 'id', label: '哪一件', type: 'choice', required: true, options }, purposeField],
  }
}
