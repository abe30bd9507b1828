// All texts, in English and Chinese. What problems say comes from the service, by Accept-Language.

const TEXTS = {
  // The frame
  skip: ['Skip to the content', '跳到正文'],
  navigation: ['Pages', '页面'],
  overview: ['Overview', '总览'],
  start: ['Start', '发起'],
  history: ['History', '历史'],
  api: ['API', 'API'],
  loading: ['Loading …', '加载中…'],
  notFound: ['There is no such page', '没有这个页面'],
  back: ['Back', '返回'],
  any: ['any', '不限'],
  lost: ['The service can’t be reached. What is shown may be old.', '无法连接服务，显示的内容可能已过时。'],
  nextTry: ['Next try in {n} s.', '{n} 秒后重试。'],
  unreachable: ['The service can’t be reached', '无法连接服务'],
  unreachableDetail: ['It is not known whether the request has arrived. Look before you repeat it.',
    '不确定请求是否已送达，重试前请先查看状态。'],
  allowed: ['Allowed from here: {states}', '当前允许：{states}'],
  difference: ['{what}: {before} → {after}', '{what}：{before} → {after}'],

  // States and modes
  'status.running': ['running', '运行中'],
  'status.paused': ['paused', '已暂停'],
  'status.queued': ['queued', '排队中'],
  'status.waiting': ['waiting', '等待中'],
  'status.succeeded': ['succeeded', '已成功'],
  'status.failed': ['failed', '已失败'],
  'status.cancelled': ['cancelled', '已取消'],
  'status.idle': ['idle', '空闲'],
  'mode.parallel': ['parallel', '并行'],
  'mode.serial': ['serial', '串行'],
  'kind.sql': ['statement', '语句'],
  'kind.task': ['task', '任务'],
  'kind.undo': ['undo', '撤销'],

  // What holds a batch back
  'wait.replica-lag': ['replica lag', '副本延迟'],
  'wait.threads-running': ['busy server', '服务器繁忙'],
  'wait.commit-latency': ['slow commits', '提交过慢'],
  'wait.history-length': ['long undo history', '历史链过长'],
  'wait.lock-wait': ['others wait for locks', '他人等待锁'],
  'wait.rows-per-second': ['limit of rows/s', '行速上限'],
  'wait.nice': ['rest between chunks', '块间休息'],
  'wait.undo-space': ['no room for undo', '撤销空间不足'],
  'wait.chunk-overdue': ['chunk overdue', '块超时'],
  'wait.check-failed': ['check failed', '检查未通过'],

  // Progress
  rowsPerSecond: ['{n} rows/s', '{n} 行/秒'],
  rowsOf: ['{n} of {total} rows', '{n} / {total} 行'],
  rowsUnknown: ['{n} rows; how many there are is not known', '{n} 行，总数未知'],
  rowsExceeded: ['{n} rows; there are more than estimated, at least {n}', '{n} 行，超出估计，总数至少 {n}'],
  left: ['{time} left', '剩余 {time}'],
  progressOf: ['Progress of {project}', '{project} 的进度'],

  // Overview
  pool: ['Pool', '线程池'],
  poolActive: ['{active} of {size} threads at work', '{size} 个线程中 {active} 个在工作'],
  poolQueued: ['{queued} of {capacity} places in the queue taken', '队列已用 {queued} / {capacity}'],
  stuck: ['stuck since {time}', '自 {time} 卡住'],
  held: ['held: {reason}', '受限：{reason}'],
  serial: ['Serial line', '串行队列'],
  serialFree: ['Nobody is in line.', '队列为空。'],
  serialWaiting: ['{n} waiting', '{n} 个等待'],
  serialHolder: ['now', '当前'],
  projects: ['Projects', '项目'],
  projectsFound: ['{n} shown', '显示 {n} 个'],
  filterProject: ['Project', '项目'],
  filterStatus: ['Status', '状态'],
  behind: ['{n} behind it', '其后 {n} 个'],
  last: ['last', '上次'],
  startFor: ['Start for {project}', '为 {project} 发起'],
  moreProjects: ['More projects', '更多项目'],
  empty: ['No project has had a batch yet. A batch changes the rows of a table in the background, chunk by chunk.',
    '还没有任何项目运行过批次。批次在后台分块修改表中的行。'],
  emptyStart: ['Start the first one', '发起第一个'],
};

const CHINESE = navigator.languages.map((one) => one.split('-')[0]).find((one) => one === 'en' || one === 'zh') === 'zh';

/** For Intl and for the page. */
export const language = CHINESE ? 'zh-CN' : 'en';

/** The text of a key, with its `{members}` put in. A word that the service alone knows is shown as it is. */
export function t(key, members = {}) {
  const text = TEXTS[key]?.[CHINESE ? 1 : 0] ?? key.slice(key.indexOf('.') + 1);
  return text.replace(/\{(\w+)\}/g, (_, name) => members[name] ?? '');
}
