package io.engagementwebhooks.webhook.template;

import io.engagementwebhooks.webhook.OrderedMaps;
import io.engagementwebhooks.webhook.jq.JqProgram;
import java.util.Map;
import java.util.Objects;

/** The body of an HTTP webhook's request. */
public sealed interface Body {

    /** The event in structured form, {@code application/cloudevents+json}. */
    record WholeEvent() implements Body {}

    /** A text with macros, escaped for the format: {@code application/json} or form-encoded. */
    record Templated(Template template, Format format) implements Body {
        public Templated {
            Objects.requireNonNull(template);
            Objects.requireNonNull(format);
        }
    }

    /** The first result of a jq program, as JSON; for a form, an object whose members are the fields. */
    record Program(JqProgram program, Format format) implements Body {
        public Program {
            Objects.requireNonNull(program);
            Objects.requireNonNull(format);
        }
    }

    /** Form fields, each a text with macros. */
    record Form(Map<String, Template> fields) implements Body {
        public Form {
            fields = OrderedMaps.copyOf(fields);
        }
    }

    /** The format of a body. */
    enum Format {
        JSON("application/json"),
        FORM("application/x-www-form-urlencoded");

        private final String contentType;

        Format(String contentType) {
            this.contentType = contentType;
        }

        public String contentType() {
            return contentType;
        }
    }
}
