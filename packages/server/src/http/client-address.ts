import { BlockList, isIP } from 'node:net'

/** Whose requests are told apart by address. */
export interface ClientAddresses {
  /**
   * What the sender of a request is counted under: an IPv4 address, or the /64 of an IPv6 address, which is one
   * customer's. Undefined for this machine itself, unless it says for whom it asks.
   */
  of(peer: string, forwardedFor: string | null): string | undefined
  /** The same for a connection that has asked for nothing so far. Undefined also for trusted proxies, which ask for many. */
  ofConnection(peer: string): string | undefined
}

/**
 * `trustedProxies` are addresses and networks (`ADDRESS/BITS`) that are believed what they write into `X-Forwarded-For`.
 * Anybody else can write what they like there, so it is not looked at.
 */
export function clientAddresses(trustedProxies: readonly string[]): ClientAddresses {
  const trusted = listOf(trustedProxies)
  return {
    of(peer, forwardedFor) {
      const hops = forwardedFor === null ? [] : forwardedFor.split(',').map((hop) => hop.trim())
      let client = plain(peer)
      // From the nearest: each was written by the one after it.
      for (const hop of hops.toReversed()) {
        if (!contains(trusted, client) || isIP(hop) === 0) break
        client = plain(hop)
      }
      return isLoopback(client) ? undefined : networkOf(client)
    },
    ofConnection(peer) {
      const client = plain(peer)
      return isLoopback(client) || contains(trusted, client) ? undefined : networkOf(client)
    },
  }
}

/** The address or the network that a text names, if it names one. */
export function parseNetwork(text: string): { address: string; bits: number } | undefined {
  const [address = '', bits, ...more] = text.split('/')
  const longest = isIP(address) === 4 ? 32 : 128
  if (isIP(address) === 0 || more.length > 0) return undefined
  if (bits === undefined) return { address, bits: longest }
  return /^\d{1,3}$/.test(bits) && Number(bits) <= longest ? { address, bits: Number(bits) } : undefined
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const text of networks) {
    const network = parseNetwork(text)
    if (network === undefined) throw new TypeError(`Not an address: ${text}`)
    list.addSubnet(network.address, network.bits, familyOf(network.address))
  }
  return list
}

function contains(list: BlockList, address: string): boolean {
  return isIP(address) !== 0 && list.check(address, familyOf(address))
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 4 ? 'ipv4' : 'ipv6'
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1'
}

/** A listener on `::` sees IPv4 addresses as IPv6 ones. */
function plain(address: string): string {
  const mapped = address.toLowerCase().startsWith('::ffff:') ? address.slice('::ffff:'.length) : ''
  return isIP(mapped) === 4 ? mapped : address
}

function networkOf(address: string): string {
  if (isIP(address) !== 6) return address
  const [head = '', tail] = address.toLowerCase().replace(/%.*/, '').split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0')
  const groups = tail === undefined ? left : [...left, ...zeros, ...right]
  return groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')
}
