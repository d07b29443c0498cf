import { BlockList, isIP } from 'node:net'
import Bowser from 'bowser'

/** Longer than any browser's; of what is longer the beginning is looked at. */
const LONGEST = 512
const KINDS: Readonly<Record<string, string>> = { mobile: '手机', tablet: '平板电脑', desktop: '电脑', tv: '电视' }

/** → what a `User-Agent` says of a device, in words; it is what whoever sent it says, and no proof. */
export function deviceName(userAgent: string | undefined): string | null {
  if (!userAgent) return null
  const { browser, os, platform } = Bowser.parse(userAgent.slice(0, LONGEST))
  const kind = platform.model ?? platform.vendor ?? KINDS[platform.type ?? '']
  const words = [browser.name, os.name, kind].filter((word) => word)
  return words.length === 0 ? null : words.join(' · ').slice(0, 100)
}

const own = new BlockList()
own.addSubnet('10.0.0.0', 8)
own.addSubnet('172.16.0.0', 12)
own.addSubnet('192.168.0.0', 16)
own.addSubnet('fc00::', 7, 'ipv6')
own.addSubnet('fe80::', 10, 'ipv6')
const machine = new BlockList()
machine.addSubnet('127.0.0.0', 8)
machine.addAddress('::1', 'ipv6')
const shared = new BlockList()
shared.addSubnet('100.64.0.0', 10)

/** → what sort of address it is (RFC 1918, 4193, 6598). Where it is stands in places.ts. */
export function addressName(address: string): string {
  const version = isIP(address)
  if (version === 0) return '未知地址'
  const family = version === 6 ? 'ipv6' : 'ipv4'
  if (machine.check(address, family)) return '服务器本机'
  if (own.check(address, family)) return '单位或家庭内网'
  if (shared.check(address, family)) return '运营商共享地址'
  return version === 6 ? '公网地址（IPv6）' : '公网地址（IPv4）'
}
