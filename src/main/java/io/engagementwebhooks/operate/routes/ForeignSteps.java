package io.engagementwebhooks.operate.routes;

import io.engagementwebhooks.deliver.salesforce.ChooseOrg;
import io.engagementwebhooks.deliver.step.StepThreads;
import io.engagementwebhooks.operate.Wiring;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.camel.AsyncCallback;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Ordered;
import org.apache.camel.Processor;
import org.apache.camel.model.ChoiceDefinition;
import org.apache.camel.model.ExpressionNode;
import org.apache.camel.model.LogDefinition;
import org.apache.camel.model.ProcessDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.ThrowExceptionDefinition;
import org.apache.camel.model.ToDefinition;
import org.apache.camel.model.ToDynamicDefinition;
import org.apache.camel.model.language.ExpressionDefinition;
import org.apache.camel.spi.InterceptStrategy;
import org.apache.camel.support.processor.DelegateAsyncProcessor;

/**
 * Runs delivery steps that may block on {@link StepThreads}: all except the product's own, which do not block, and
 * branches with conditions on properties of the message. Thread-safe.
 */
public record ForeignSteps(StepThreads threads) implements InterceptStrategy, Ordered {

    private static final List<String> OWN_SCHEMES = List.of("receiver:", "contentsquare:", "outbox:");

    /** The component of an org, which does not wait. */
    private static final String ORG = "${exchangeProperty." + ChooseOrg.ORG + "}:";

    /** Schemes for which {@code block=false} avoids a wait for a stopped route. */
    private static final List<String> ROUTES = List.of("direct:", "kamelet:");

    /** The prefix in {@code toD} of a part in a language other than simple. */
    private static final String OTHER_LANGUAGE = "language:";

    /** The end of each attempt. While its route is stopped, attempts of all accounts wait. */
    private static final String RECORD = "direct:record-outcome";

    /** Steps that neither wait nor call anything. */
    private static final Pattern SHORT = Pattern.compile(
            "do(Try|Catch|Finally)|otherwise|pipeline|step|stop|remove(Headers?|Property|Properties|Variable)");

    /** Steps that take as long as their expression. */
    private static final Pattern AS_SHORT_AS_THEIR_EXPRESSION =
            Pattern.compile("filter|when|set(Property|Header|Body|Variable)");

    private static final Set<String> SHORT_LANGUAGES = Set.of("constant", "exchangeProperty", "header", "variable");

    /** Simple expressions with properties, headers and variables, without method calls. */
    private static final Pattern SHORT_SIMPLE =
            Pattern.compile("\\$\\{(?:(?:exchangeProperty|header|variable)\\.[\\w-]+|body|null|exchangeId)}");

    /** First, so that other interceptors run on the step's thread. */
    @Override
    public int getOrder() {
        return HIGHEST;
    }

    @Override
    public Processor wrapProcessorInInterceptors(
            CamelContext context, NamedNode definition, Processor target, Processor next) {
        return isOwn(definition) || isShort(definition)
                ? target
                : new Foreign(target, (ProcessorDefinition<?>) definition);
    }

    static StepThreads.Step step(NamedNode definition) {
        return new StepThreads.Step(
                Optional.ofNullable(ProcessorDefinitionHelper.getRouteId(definition))
                        .orElse(""),
                definition.getId(),
                !isOwn(definition));
    }

    private static boolean isOwn(NamedNode definition) {
        if (definition instanceof ToDynamicDefinition to) {
            return String.valueOf(to.getUri()).startsWith(ORG);
        }
        return definition instanceof ProcessDefinition process
                        && Wiring.STEPS.contains(String.valueOf(process.getRef()))
                || definition instanceof ToDefinition to
                        && OWN_SCHEMES.stream().anyMatch(to.getEndpointUri()::startsWith);
    }

    private static boolean isShort(NamedNode definition) {
        if (definition instanceof ToDefinition to) {
            return isShort(to.getEndpointUri());
        }
        if (definition instanceof ToDynamicDefinition to) {
            String uri = String.valueOf(to.getUri());
            return isShort(uri) && isShortSimple(uri) && !uri.contains(OTHER_LANGUAGE);
        }
        if (definition instanceof ChoiceDefinition choice) {
            return choice.getWhenClauses().stream().allMatch(when -> isShort(when.getExpression()));
        }
        if (definition instanceof LogDefinition log) {
            return isShortSimple(log.getMessage());
        }
        if (definition instanceof ThrowExceptionDefinition thrown) {
            return thrown.getMessage() == null || isShortSimple(thrown.getMessage());
        }
        return SHORT.matcher(definition.getShortName()).matches()
                || AS_SHORT_AS_THEIR_EXPRESSION
                                .matcher(definition.getShortName())
                                .matches()
                        && isShort(((ExpressionNode) definition).getExpression());
    }

    private static boolean isShort(String uri) {
        return uri.startsWith("log:")
                || uri.equals(RECORD)
                || uri.contains("block=false") && ROUTES.stream().anyMatch(uri::startsWith);
    }

    private static boolean isShort(ExpressionDefinition expression) {
        String language = expression == null ? null : expression.getLanguage();
        return language != null
                && (SHORT_LANGUAGES.contains(language)
                        || language.equals("simple") && isShortSimple(expression.getExpression()));
    }

    private static boolean isShortSimple(String text) {
        return text != null && SHORT_SIMPLE.matcher(text).replaceAll("").indexOf('{') < 0;
    }

    private final class Foreign extends DelegateAsyncProcessor {

        private final StepThreads.Step step;

        Foreign(Processor target, ProcessorDefinition<?> definition) {
            super(target);
            step = step(definition);
        }

        @Override
        public boolean process(Exchange exchange, AsyncCallback callback) {
            return threads.process(step, processor, exchange, callback);
        }
    }
}
