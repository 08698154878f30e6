package io.engagementwebhooks.console.pages;

import io.engagementwebhooks.server.ProblemException;
import java.util.Map;

/**
 * A way on for who was about to change what somebody else has changed since: doing it all the same.
 *
 * @param asked what was to be done
 * @param tag the version that is there now
 * @param path the page of what is there now
 */
record EditConflict(String asked, String tag, String path) {

    private static final String DO = "do";
    private static final String OVER = "over-";
    private static final int PRECONDITION_FAILED = 412;
    private static final Map<String, String> LABELS = Map.of(
            "delete", "Remove it all the same", "rotate", "Rotate it all the same", "test", "Save over it and test");

    /** After a form was refused; null: not because of somebody else's change. */
    static EditConflict after(ProblemException refused, Form form, String tag, String path) {
        String asked = form.text(DO).isEmpty() ? "save" : form.text(DO);
        return refused.problem().status() == PRECONDITION_FAILED ? new EditConflict(asked, tag, path) : null;
    }

    /** A form as it was sent; whoever does it all the same means the version that he was told of. */
    static Form meant(Form form) {
        String asked = form.text(DO);
        return asked.startsWith(OVER)
                ? form.with(DO, asked.substring(OVER.length()))
                        .with("tag", form.text("present"))
                        .with(OVER, "yes")
                : form;
    }

    /** Whether a form is one of these: what stands empty in it may have been filled by somebody else since. */
    static boolean isMeant(Form form) {
        return form.has(OVER);
    }

    /** What the button sends. */
    String value() {
        return OVER + asked;
    }

    String label() {
        return LABELS.getOrDefault(asked, "Save over it");
    }
}
