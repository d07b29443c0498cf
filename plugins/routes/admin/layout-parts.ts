import Type, { type Static } from 'typebox'
import { audiences, components, type LayoutCard, orders, styles } from '../../hall/layouts/layout.ts'
import { part } from '../../route-kit/part.ts'
import { ADDRESS } from './catalogue-values.ts'

const VISIBLE = { pattern: '\\S' }

const item = {
  service: part.maybe('服务：<连接器>.<服务>', { maxLength: 130 }),
  name: part.maybe('名称（空：服务的名称）', { minLength: 1, maxLength: 20, ...VISIBLE }),
  address: ADDRESS,
  picture: Type.Unsafe<string | null>({ ...ADDRESS, title: '缩略图：本站路径，或 https 地址' }),
}
const scene = {
  name: part.text('场景', { minLength: 1, maxLength: 20, ...VISIBLE }),
  from: part.moment('从'),
  to: part.moment('到'),
}
const card = {
  component: part.choice('组件', components),
  title: part.maybe('标题', { minLength: 1, maxLength: 20, ...VISIBLE }),
  text: part.maybe('通知的内容', { minLength: 1, maxLength: 200, ...VISIBLE }),
  style: part.choice('样式', styles),
  order: part.choice('排序', orders),
  audiences: part.list('给谁看（空：所有人）', part.choice('对象', audiences), { uniqueItems: true }),
}

/** Cards as an administrator sends them, at most as many as anybody scrolls through. */
export const CARDS = part.list(
  '卡片：从上到下',
  part.input(
    {
      ...card,
      scene: Type.Unsafe<{ name: string; from: string; to: string } | null>({
        anyOf: [part.input(scene, ['name', 'from', 'to']), { type: 'null' }],
        title: '热点场景：期间置顶，期外不显示',
      }),
      items: part.list('服务与链接', part.input(item), { maxItems: 40 }),
    },
    ['component'],
  ),
  { maxItems: 30 },
)

type SentCard = Static<typeof CARDS>[number]

/** → the card with what was left out as it goes without. */
export function cardIn({ component, title, text, style, order, audiences, scene, items }: SentCard): LayoutCard {
  return {
    ...{ component, title: title?.trim() ?? null, text: text?.trim() ?? null, style: style ?? 'grid', order: order ?? 'fixed' },
    audiences: audiences ?? [],
    scene: scene ? { name: scene.name.trim(), from: Date.parse(scene.from), to: Date.parse(scene.to) } : null,
    items: (items ?? []).map((each) => ({
      ...{ service: each.service ?? null, name: each.name?.trim() ?? null, address: each.address ?? null, picture: each.picture ?? null },
    })),
  }
}

/** What no schema can say of cards. */
export function cardProblems(cards: readonly LayoutCard[], isService: (key: string) => boolean): { pointer: string; detail: string }[] {
  return cards.flatMap(({ component, text, scene, items }, index) => {
    const at = `/body/cards/${index}`
    return [
      ...(component === 'notice' && text === null ? [{ pointer: `${at}/text`, detail: '通知须有内容' }] : []),
      ...(component === 'services' && items.length === 0 ? [{ pointer: `${at}/items`, detail: '至少一项' }] : []),
      ...(component !== 'services' && items.length > 0 ? [{ pointer: `${at}/items`, detail: '这种组件自己填充内容' }] : []),
      ...(scene && scene.from >= scene.to ? [{ pointer: `${at}/scene/to`, detail: '结束须晚于开始' }] : []),
      ...items.flatMap(({ service, name, address }, place) => {
        const pointer = `${at}/items/${place}`
        if (service !== null) return isService(service) ? [] : [{ pointer: `${pointer}/service`, detail: '没有这项服务' }]
        return name !== null && address !== null ? [] : [{ pointer, detail: '链接须有名称和跳转地址' }]
      }),
    ]
  })
}

const entry = part.row({
  ...{ service: part.maybe('服务'), name: part.text('名称'), icon: part.text('图标'), address: part.text('跳转地址') },
  ...{ picture: part.maybe('缩略图'), words: part.text('说明') },
})

/** As the app and the hall are given them. */
export const LAID_OUT = part.list(
  '卡片：从上到下',
  part.row({
    ...{ component: part.choice('组件', components), title: part.maybe('标题'), text: part.maybe('内容') },
    ...{ style: part.choice('样式', styles), items: part.list('服务与链接', entry) },
  }),
)

/** As they were sent. */
export const KEPT_CARDS = part.list(
  '卡片',
  part.row({
    ...card,
    scene: part.maybeRow('热点场景', { ...scene, from: part.text('从'), to: part.text('到') }),
    items: part.list('服务与链接', part.row(item)),
  }),
)
