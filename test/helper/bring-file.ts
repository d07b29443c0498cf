import type { Hub } from './hub.ts'

/** Uploads a small file as somebody; → its id. */
export async function bringFile(
  hub: Hub,
  bytes: Buffer,
  { mediaType = 'application/pdf', name = '材料.pdf', ...as }: { mediaType?: string; name?: string } & Parameters<Hub['token']>[0] = {},
): Promise<string> {
  const answer = await hub.app.inject({
    method: 'POST',
    url: '/v1/me/files',
    query: { name },
    headers: { authorization: `Bearer ${await hub.token(as)}`, 'content-type': mediaType },
    payload: bytes,
  })
  if (answer.statusCode !== 201) throw new Error(answer.body)
  return answer.json().data.id
}
