import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Adapter, AdapterPayload } from 'oidc-provider'

/** The agencies' sessions, grants and tokens of a data folder; `hub sandbox reset` deletes the file. */
export const AGENCY_STORE = 'sandbox-agencies.sqlite'

export interface AgencyStore {
  /** oidc-provider's adapter for one agency. */
  adapterOf(agency: string): (model: string) => Adapter
  close(): void
}

const SCHEMA = `
  create table if not exists entities (
    agency text not null, model text not null, id text not null, payload text not null, grant_id text, uid text, expires_at integer,
    primary key (agency, model, id)
  ) without rowid;
  create index if not exists entities_grant on entities (agency, grant_id);
  create index if not exists entities_uid on entities (agency, model, uid);
`

export function openStore(dataDir: string): AgencyStore {
  const path = join(dataDir, AGENCY_STORE)
  // Nobody else's to read; what SQLite keeps beside it takes the mode of the file.
  closeSync(openSync(path, 'a', 0o600))
  const database = new DatabaseSync(path)
  // Hubs that share the folder share the file; what a power cut takes of invented tokens is no loss.
  database.exec('pragma busy_timeout = 5000; pragma journal_mode = wal; pragma synchronous = off')
  database.exec(SCHEMA)
  const now = () => Math.floor(Date.now() / 1000)
  database.prepare('delete from entities where expires_at < ?').run(now())
  const statements = {
    upsert: database.prepare(
      'insert into entities values (?, ?, ?, ?, ?, ?, ?) on conflict do update set payload = excluded.payload, grant_id = excluded.grant_id, uid = excluded.uid, expires_at = excluded.expires_at',
    ),
    find: database.prepare('select payload from entities where agency = ? and model = ? and id = ?'),
    findByUid: database.prepare('select payload from entities where agency = ? and model = ? and uid = ?'),
    consume: database.prepare(
      "update entities set payload = json_set(payload, '$.consumed', ?) where agency = ? and model = ? and id = ? and payload ->> 'consumed' is null",
    ),
    destroy: database.prepare('delete from entities where agency = ? and model = ? and id = ?'),
    revoke: database.prepare('delete from entities where agency = ? and grant_id = ?'),
  }
  const parse = (row: Record<string, unknown> | undefined) =>
    row === undefined ? undefined : (JSON.parse(String(row['payload'])) as AdapterPayload)

  return {
    adapterOf: (agency) => (model) => ({
      async upsert(id, payload, expiresIn) {
        const until = expiresIn ? now() + expiresIn : null
        statements.upsert.run(agency, model, id, JSON.stringify(payload), payload.grantId ?? null, payload.uid ?? null, until)
      },
      find: async (id) => parse(statements.find.get(agency, model, id)),
      findByUid: async (uid) => parse(statements.findByUid.get(agency, model, uid)),
      // No device flow here.
      findByUserCode: async () => undefined,
      async consume(id) {
        statements.consume.run(now(), agency, model, id)
      },
      async destroy(id) {
        statements.destroy.run(agency, model, id)
      },
      async revokeByGrantId(grantId) {
        statements.revoke.run(agency, grantId)
      },
    }),
    close: () => database.close(),
  }
}
