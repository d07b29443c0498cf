import { BlockList, isIP } from 'node:net'

/** Reads ADMIN_ADDRESSES: addresses and blocks (RFC 4632, RFC 4291 §2.3), comma-separated. → null for none, which is any. */
export function readAdminAddresses(text: string): { list: BlockList | null; problems: string[] } {
  const list = new BlockList()
  const problems: string[] = []
  for (const entry of text === '' ? [] : text.split(',').map((part) => part.trim())) {
    const [address = '', prefix, ...more] = entry.split('/')
    const family = address.includes('%') ? 0 : isIP(address)
    const bits = family === 6 ? 128 : 32
    const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : -1
    if (family === 0 || more.length > 0 || length < 0 || length > bits)
      problems.push(`ADMIN_ADDRESSES: ${entry || 'an empty entry'} is neither an address nor a block (10.1.0.0/16)`)
    else list.addSubnet(address, length, family === 6 ? 'ipv6' : 'ipv4')
  }
  return { list: text === '' ? null : list, problems }
}
