import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Whole hosts first. On a machine that has not run the tests before vitest goes by the size of their files, and some of those
 * that take longest are three lines: begun last, they have the processors wait for them at the end.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const rank = ({ moduleId }: TestSpecification) =>
      moduleId.includes('crash-matrix') ? 0 : /test\/(system|slow)\//.test(moduleId) ? 1 : 2;
    return sorted.sort((a, b) => rank(a) - rank(b));
  }
}
