import type { Knex } from 'knex'

/** A store of the hub, as whoever opened it says which (plugins/store/open.ts). */
export type Database = Knex & { readonly engine: 'mysql' | 'sqlite' }
