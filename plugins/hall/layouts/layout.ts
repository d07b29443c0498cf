/** Of what a page is put together. What has no `items` fills itself. */
export const components = {
  search: '搜索框',
  notice: '通知',
  services: '服务与链接',
  favourites: '我的常用',
  recent: '最近使用',
  recommended: '热门推荐',
  zones: '服务专区',
} as const
export type Component = keyof typeof components

export const styles = { grid: '宫格', list: '列表', wide: '通栏' } as const
export const orders = { fixed: '按设定的顺序', frequency: '按近期使用次数' } as const
export const audiences = { guest: '未登录', person: '登录的个人', enterprise: '代表单位的经办人' } as const
export type Audience = keyof typeof audiences

export interface Item {
  /** `<connector>.<service>`: shown with its name, icon and address, and not while it is off line. */
  service: string | null
  /** Instead of the service's own; of a link both are there. */
  name: string | null
  address: string | null
  picture: string | null
}

export interface LayoutCard {
  component: Component
  title: string | null
  /** Of a notice. */
  text: string | null
  style: keyof typeof styles
  order: keyof typeof orders
  /** To whom it is shown; none: to everybody. */
  audiences: readonly Audience[]
  /** A time of the year in which it stands before all others, and out of which it is not shown; null: always in its place. */
  scene: { name: string; from: number; to: number } | null
  items: readonly Item[]
}

export interface Layout {
  page: string
  name: string
  draft: readonly LayoutCard[]
  published: number | null
  revision: number
  changedAt: number
}

export interface LayoutVersion {
  number: number
  cards: readonly LayoutCard[]
  copyOf: number | null
  publishedBy: string
  publishedAt: number
}
