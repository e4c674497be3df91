/** A question before something grave: nothing is done unless the answer is yes. */

import { Button } from './button';
import { Dialog } from './dialog';

interface Props {
  title: string;
  what: string;
  no: string;
  yes: string;
  close: () => void;
  onYes: () => void;
}

/** The focus rests on `no`; `onYes` is called once, after the dialog has closed. */
export function Question({ title, what, no, yes, close, onYes }: Props) {
  return (
    <Dialog
      title={title}
      onClose={close}
      grave
      footer={
        <>
          <Button onClick={close} data-focus>
            {no}
          </Button>
          <Button
            kind="danger"
            onClick={() => {
              close();
              onYes();
            }}
          >
            {yes}
          </Button>
        </>
      }
    >
      <p>{what}</p>
    </Dialog>
  );
}
