import { statSync } from 'node:fs';
import { cp, mkdir } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

/**
 * Handles links from the documents to other files of the repository, such as a program or a
 * configuration: the site has a copy of each.
 *
 * @param root the repository
 */
export function linkedFiles(root) {
  const files = new Set();
  return {
    /** Marks the links for VitePress, which otherwise takes them for pages. Fails if a file is missing. */
    markdown(md) {
      md.core.ruler.push('linked-files', ({ tokens, env }) => {
        for (const token of tokens.flatMap((each) => each.children ?? [])) {
          const href = token.type === 'link_open' ? token.attrGet('href') : null;
          if (href && !/^(#|[a-z]+:|\/)|\.md(#|$)/.test(href) && !isSitePage(env.path)) {
            const file = relative(root, join(dirname(env.path), href));
            if (statSync(join(root, file)).isDirectory()) {
              // The site has no folders to show, so the name remains as plain text.
              token.attrs = null;
            } else {
              files.add(file);
              token.attrSet('href', `/${file}`);
              token.attrSet('target', '_self');
            }
          }
        }
      });
    },

    /** Copies the files to the site. */
    async copy(site) {
      for (const file of files) {
        await mkdir(dirname(join(site, file)), { recursive: true });
        await cp(join(root, file), join(site, file));
      }
    },
  };
}

function isSitePage(path) {
  return path.includes('/src/site/');
}
