import { execFile } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { promisify } from 'node:util'

/** Who runs this program. */
export interface User {
  readonly isRoot: boolean
  /** Undefined where the user id has no name, as in many containers. */
  readonly name: string | undefined
  readonly groups: readonly string[]
}

/** From the operating system, not from $USER, which may be unset or another's. */
export async function currentUser(): Promise<User> {
  return { isRoot: process.geteuid?.() === 0, name: userName(), groups: await groupNames() }
}

/** Whether the Nix daemon takes restricted settings from this user. `trustedUsers` as in nix.conf: names, `@group`, `*`. */
export function isTrusted(user: User, trustedUsers: readonly string[]): boolean {
  if (user.isRoot) return true
  return trustedUsers.some((entry) => {
    if (entry === '*') return true
    return entry.startsWith('@') ? user.groups.includes(entry.slice(1)) : entry === user.name
  })
}

/** In a single-user installation there is no daemon to be trusted by. */
export async function ownsStore(storeDir: string): Promise<boolean> {
  try {
    await access(storeDir, constants.W_OK)
    return true
  } catch {
    return false
  }
}

function userName(): string | undefined {
  try {
    return userInfo().username
  } catch {
    return undefined
  }
}

async function groupNames(): Promise<readonly string[]> {
  try {
    const { stdout } = await promisify(execFile)('id', ['-Gn'])
    return stdout.trim().split(/\s+/)
  } catch {
    return []
  }
}
