import { readFileSync, readdirSync } from 'node:fs'

/** The process and all its descendants that run now. */
export function processTree(pid: number): number[] {
  return [pid, ...childrenOf(pid).flatMap((child) => processTree(child))]
}

/** Processor time in seconds which a process, its descendants and those of them that have ended have used. */
export function cpuSeconds(pid: number): number {
  return processTree(pid)
    .map((member) => cpuTicks(readProc(`${member}/stat`)))
    .reduce((total, ticks) => total + ticks / ticksPerSecond, 0)
}

/** What the kernel knows of a process as a text file; empty once the process has ended. */
export function readProc(name: string): string {
  try {
    return readFileSync(`/proc/${name}`, 'utf8')
  } catch {
    return ''
  }
}

// USER_HZ: the same on every Linux machine that runs Nix.
const ticksPerSecond = 100

function childrenOf(pid: number): number[] {
  const threads = listThreads(pid)
  return threads.flatMap((thread) =>
    readProc(`${pid}/task/${thread}/children`).split(' ').filter(Boolean).map(Number),
  )
}

function listThreads(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch {
    return []
  }
}

/** proc_pid_stat(5): utime, stime, cutime and cstime are fields 14 to 17. The name in field 2 may hold anything. */
function cpuTicks(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields.slice(11, 15).reduce((total, ticks) => total + Number(ticks), 0)
}
