import type { SandboxSubject } from '../../core/contract/types.ts'

declare module '../../core/contract/types.ts' {
  interface SandboxWorld {
    readonly people: readonly (SandboxSubject & { readonly life: SandboxLife })[]
    readonly firms: readonly SandboxFirm[]
  }
}

/** What all agencies know of an invented person. Days are YYYYMMDD, months YYYYMM, amounts fen. */
export interface SandboxLife {
  readonly born: string
  readonly sex: '男' | '女'
  /** Of the household register; homes are below. */
  readonly address: string
  readonly marriage: { readonly spouse: number; readonly day: string } | null
  /** Indexes of those whom the person takes care of as a child does. */
  readonly parents: readonly number[]
  readonly children: readonly { readonly born: string }[]
  readonly jobs: readonly SandboxJob[]
  readonly retirement: { readonly day: string; readonly pension: number; readonly institution: boolean } | null
  /** The day on which a commission found that they cannot work any more at all. */
  readonly incapacity: string | null
  /** Since when they may settle abroad; they work here until they leave. */
  readonly emigration: string | null
  /** Each is named by its place; `owners` are indexes. */
  readonly homes: readonly { readonly place: string; readonly bought: string; readonly price: number; readonly owners: readonly number[] }[]
  readonly loans: readonly { readonly signed: string; readonly principal: number; readonly terms: number; readonly price: number }[]
  readonly illnesses: readonly { readonly name: string; readonly kind: 'chronic' | 'major' | 'acute'; readonly since: string }[]
}

export interface SandboxJob {
  readonly employer: string
  /** Index of an enterprise of the sandbox; none of any other. */
  readonly firm: number | null
  readonly from: string
  readonly until: string | null
  /** Wages a month. */
  readonly base: number
}

export interface SandboxFirm extends SandboxSubject {
  readonly founded: string
  readonly division: string
  /** Months for which nothing has been paid. */
  readonly behind: number
  readonly staff: readonly { readonly name: string; readonly number: string; readonly from: string; readonly base: number }[]
}
