import prettyBytes from 'pretty-bytes'

export interface BarState {
  readonly label: string
  /** Bytes. */
  readonly done: number
  readonly total: number
  /** Bytes per second. */
  readonly rate: number
}

/** One line, exactly as wide as asked for or less: label, bar, percent, size, rate and time left, as far as they fit. */
export function formatBar({ label, done, total, rate }: BarState, width: number): string {
  const share = total === 0 ? 1 : Math.min(1, done / total)
  const figures = [
    `${Math.floor(share * 100)}%`.padStart(4),
    prettyBytes(total).padStart(7),
    `${prettyBytes(rate)}/s`.padStart(10),
    `${formatTimeLeft(total - done, rate)} left`.padStart(12),
  ]
  const labelWidth = Math.max(12, Math.floor(width * 0.35))
  const name = shorten(label, labelWidth).padEnd(labelWidth)
  while (figures.length > 1 && name.length + textWidth(figures) + leastBar > width) figures.pop()
  const barWidth = Math.min(longestBar, width - name.length - textWidth(figures) - 1)
  const bar = barWidth < 3 ? [] : [drawBar(share, barWidth)]
  return [name, ...bar, ...figures].join(' ').slice(0, width)
}

const leastBar = 9
const longestBar = 40

/** With a blank before each. */
function textWidth(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + text.length + 1, 0)
}

function shorten(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`
}

function drawBar(share: number, width: number): string {
  const filled = Math.round(share * width)
  return '█'.repeat(filled) + '░'.repeat(width - filled)
}

function formatTimeLeft(bytes: number, rate: number): string {
  if (rate <= 0) return '-:--'
  const seconds = Math.ceil(bytes / rate)
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  const clock = `${minutes}:${String(seconds % 60).padStart(2, '0')}`
  return hours === 0 ? clock : `${hours}:${clock.padStart(5, '0')}`
}
