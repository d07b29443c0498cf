import type { Block, Cell, ConsolePage, Form, Table } from '../../../console/blocks.ts'
import { link, pager, pathOf, purposeField, readable, withQuery } from '../../../console/parts.ts'
import type { Visit } from '../../../console/section.ts'
import { enterpriseStatuses } from '../../../mandates/enterprise-states.ts'
import type { Enterprises } from '../../../mandates/enterprises.ts'
import type { EnterpriseGraph, GraphEdge } from '../../../operations/enterprise-graph/graph.ts'
import { drawGraph } from '../../../operations/enterprise-graph/picture.ts'

const PATH = '/console/enterprises'
type Detail = NonNullable<Awaited<ReturnType<Enterprises['read']>>>
type Graph = Omit<EnterpriseGraph, 'total'>

/** One enterprise: the graph as a picture, and everything in it as tables, for whoever does not see it. */
export async function enterprisePage({ get, part, given, may }: Visit): Promise<ConsolePage> {
  const id = part('id')
  const { data: enterprise } = await get<Detail>(pathOf`/admin/enterprises/${id}`)
  const { data: graph, meta } = await get<Graph>(withQuery(pathOf`/admin/enterprises/${id}/graph`, given('page')))
  const { uscc, status, registeredState, establishedOn, checkedAt } = enterprise
  const left = graph.left.mandates + graph.left.services
  const facts: Block = {
    kind: 'facts',
    rows: [
      ['统一社会信用代码', uscc],
      ['状态', { text: enterpriseStatuses[status], tone: status === 'active' ? 'good' : 'note' }],
      ['登记状态', registeredState],
      ['成立日期', establishedOn],
      ['核对时间', readable(checkedAt)],
      ...(left > 0 ? [['图中没有画出', `${graph.left.mandates} 项授权，${graph.left.services} 项服务`] as const] : []),
    ],
  }
  return {
    title: enterprise.name,
    blocks: [
      facts,
      { kind: 'drawing', caption: '关系图谱：企业、法定代表人和经办人、各人为它办理的服务', svg: drawGraph(graph, false), wide: true },
      holderTable(graph),
      matterTable(graph),
      pager(`${PATH}/${id}`, meta.page, {}),
      { kind: 'links', links: [{ text: '所有企业', href: PATH }] },
      ...formsOf(enterprise, may),
    ],
  }
}

function holderTable({ nodes, edges }: Graph): Table {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const rows = edges
    .filter(({ relation }) => relation !== 'handled')
    .map(({ to, label, scope, endsAt, current }: GraphEdge): Cell[] => {
      const person = byId.get(to)
      const name = person?.label ?? null
      return [
        person?.userId && name ? link(name, `/console/users/${person.userId}`) : name,
        { text: label, tone: current ? 'good' : 'plain' },
        person?.state ?? null,
        scope.includes('*') ? '全部' : scope.join('、'),
        readable(endsAt),
      ]
    })
  const columns = ['姓名', '身份', '账户', '权限', '到期']
  return { kind: 'table', caption: '法定代表人和经办人', columns, rows, empty: '没有人绑定或代办。' }
}

function matterTable({ nodes, matters }: Graph): Table {
  const names = new Map(nodes.map(({ id, label }) => [id, label]))
  const rows = matters.map(({ name, state, by, at }): Cell[] => [name, state, names.get(by) ?? null, readable(at)])
  return { kind: 'table', caption: '办件记录（新的在前）', columns: ['服务', '状态', '经办', '时间'], rows, empty: '没有办件记录。' }
}

function formsOf({ id, status, version, name, registeredState, establishedOn }: Detail, may: Visit['may']): Form[] {
  if (status === 'removed') return []
  const seen = { name: 'version', label: '', type: 'hidden', value: version } as const
  const form = (act: string, title: string, fields: Form['fields'], more: Partial<Form> = {}): Form => ({
    ...{ kind: 'form', action: `${PATH}/${id}/${act}`, title, fields: [...fields, purposeField], button: title, folded: true },
    ...more,
  })
  const freezing = status === 'frozen' ? form('unfreeze', '解冻', []) : form('freeze', '冻结', [], { tone: 'bad' })
  const change = form(
    'change',
    '修改资料（须另一位管理员确认）',
    [
      { name: 'name', label: '企业名称', type: 'text', value: name, required: true, maxLength: 255 },
      { name: 'registeredState', label: '登记状态', type: 'text', value: registeredState ?? '', maxLength: 32 },
      { name: 'establishedOn', label: '成立日期', type: 'date', value: establishedOn ?? '' },
      seen,
    ],
    { button: '申请修改' },
  )
  const represent = form(
    'representative',
    '登记法定代表人（须另一位管理员确认）',
    [
      { name: 'userId', label: '用户编号', type: 'text', required: true, maxLength: 36 },
      { name: 'endsAt', label: '到期（最长一年）', type: 'moment', required: true },
    ],
    { button: '申请登记' },
  )
  const removal = form('delete', '删除企业（须另一位管理员确认）', [seen], { tone: 'bad', button: '申请删除' })
  return [...(may('enterprises.freeze') ? [freezing] : []), ...(may('enterprises.change') ? [change, represent, removal] : [])]
}
