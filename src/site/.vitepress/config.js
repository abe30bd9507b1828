import { cp } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';
import { linkedFiles } from './files.js';
import { sidebar } from './navigation.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const files = linkedFiles(root);

export default defineConfig({
  title: 'Rowmill',
  description: 'Bulk changes on MySQL and MariaDB tables in the background, over REST',
  lang: 'en',
  srcDir: root,
  srcExclude: ['src/!(site)/**', 'target/**', 'grafana/**', 'data/**'],
  rewrites: { 'src/site/index.md': 'index.md' },
  outDir: `${root}/target/site`,
  cacheDir: `${root}/target/site-cache`,
  markdown: {
    // The anchors of the repository's host, which LinksTest checks.
    anchor: {
      slugify: (heading) =>
        heading
          .toLowerCase()
          .trim()
          .replace(/[^\p{L}\p{N} _-]/gu, '')
          .replaceAll(' ', '-'),
    },
    config(md) {
      files.markdown(md);
      mermaid(md);
    },
  },
  // The documents are outside the folder in which Vue is installed.
  vite: {
    resolve: {
      alias: ['vue/server-renderer', 'vue'].map((name) => ({
        find: name,
        replacement: `${root}/src/site/node_modules/${name}`,
      })),
    },
  },
  head: [['link', { rel: 'icon', href: '/icon.svg' }]],
  async buildEnd({ outDir, pages }) {
    const absent = pages.filter((page) => page !== 'src/site/index.md' && !isInNavigation(page));
    if (absent.length > 0) {
      throw new Error(`Add to src/site/.vitepress/navigation.js: ${absent.join(', ')}`);
    }
    await files.copy(outDir);
    await cp(`${root}/src/main/resources/META-INF/resources/dashboard/icon.svg`, `${outDir}/icon.svg`);
  },
  themeConfig: {
    logo: '/icon.svg',
    nav: [
      { text: 'Tutorial', link: '/docs/tutorial' },
      { text: 'Statements', link: '/docs/statements' },
      { text: 'Configuration', link: '/docs/configuration' },
      { text: 'Changelog', link: '/CHANGELOG' },
    ],
    sidebar,
    outline: [2, 3],
    search: { provider: 'local' },
    externalLinkIcon: true,
  },
});

function isInNavigation(page) {
  return sidebar.some(({ items }) => items.some(({ link }) => `${link}.md` === `/${page}`));
}

/** Draws diagrams in place of their source. */
function mermaid(md) {
  const fence = md.renderer.rules.fence;
  md.renderer.rules.fence = (tokens, index, ...more) =>
    tokens[index].info === 'mermaid'
      ? `<Diagram source="${encodeURIComponent(tokens[index].content)}" />`
      : fence(tokens, index, ...more);
}
