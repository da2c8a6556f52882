import { main } from './main.ts'

const { stdin, stdout, stderr } = process
let isOutputLost = false

for (const output of [stdout, stderr]) {
  output.on('error', (error: NodeJS.ErrnoException) => {
    // Whoever reads our output may stop early (`| head`): no failure of ours.
    if (error.code === 'EPIPE' || isOutputLost) return
    isOutputLost = true
    process.exitCode = 1
    if (output === stdout) stderr.write(`Cannot write the output: ${error.message}.\n`)
  })
}

const status = await main(process.argv.slice(2), { environment: process.env, stdin, stdout, stderr })
process.exitCode = status === 0 && isOutputLost ? 1 : status
