import { BlockList, isIP } from 'node:net'

/** https://www.iana.org/assignments/iana-ipv4-special-registry: what is not on the public Internet. */
const special4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
]

/** https://www.iana.org/assignments/iana-ipv6-special-registry, within what is given out at all: 2000::/3. */
const special6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']

const isSpecial = listOf([...special4, ...special6])
const isGivenOut = listOf(['2000::/3'])

/** Whether an IP address is one of the public Internet: not this machine, its networks, or an IPv4 address in disguise. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !isSpecial.check(address, 'ipv4')
    case 6:
      return isGivenOut.check(address, 'ipv6') && !isSpecial.check(address, 'ipv6')
    default:
      return false
  }
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    list.addSubnet(address, Number(bits), isIP(address) === 4 ? 'ipv4' : 'ipv6')
  }
  return list
}
