// A question that has to be answered: `await ask({...})`. One at a time; the shell shows it.

export interface Question {
  title: string;
  text?: string;
  yes: string;
  danger?: boolean;
}

class Confirm {
  question = $state.raw<Question | null>(null);
  #answer: ((yes: boolean) => void) | undefined;

  ask(question: Question): Promise<boolean> {
    this.#answer?.(false);
    this.question = question;
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  }

  answer(yes: boolean): void {
    this.question = null;
    this.#answer?.(yes);
    this.#answer = undefined;
  }
}

export const confirm = new Confirm();
export const ask = (question: Question) => confirm.ask(question);
