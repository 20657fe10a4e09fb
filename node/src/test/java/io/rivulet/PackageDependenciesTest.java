package io.rivulet;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.Map.entry;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Packages depend downwards only: cli → http → stream → engine → model → kernels; cli → sparsity →
 * engine; stream → metrics, tracing → engine; stream → protocol; cli → top → fleet → protocol.
 */
class PackageDependenciesTest {

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new DoNotIncludeTests())
          .importPackages("io.rivulet");

  /** Each package of ours, and the others of ours that it may use. */
  private static final Map<String, List<String>> MAY_USE =
      Map.ofEntries(
          entry("io.rivulet.protocol..", List.of()),
          entry("io.rivulet.kernels..", List.of()),
          entry("io.rivulet.otlp..", List.of()),
          entry("io.rivulet.broker..", List.of()),
          entry("io.rivulet.model..", List.of("io.rivulet.kernels..")),
          entry("io.rivulet.engine..", List.of("io.rivulet.model..", "io.rivulet.kernels..")),
          entry(
              "io.rivulet.sparsity..",
              List.of("io.rivulet.engine..", "io.rivulet.model..", "io.rivulet.kernels..")),
          entry("io.rivulet.metrics..", List.of("io.rivulet.engine..", "io.rivulet.otlp..")),
          entry(
              "io.rivulet.tracing..",
              List.of("io.rivulet.engine..", "io.rivulet.otlp..", "io.rivulet.protocol..")),
          entry(
              "io.rivulet.stream..",
              List.of(
                  "io.rivulet.metrics..",
                  "io.rivulet.tracing..",
                  "io.rivulet.otlp..",
                  "io.rivulet.engine..",
                  "io.rivulet.model..",
                  "io.rivulet.protocol..")),
          entry("io.rivulet.http..", List.of("io.rivulet.stream..", "io.rivulet.protocol..")),
          entry("io.rivulet.fleet..", List.of("io.rivulet.protocol..")),
          entry("io.rivulet.top..", List.of("io.rivulet.fleet..", "io.rivulet.protocol..")),
          entry(
              "io.rivulet.cli..",
              List.of(
                  "io.rivulet.http..",
                  "io.rivulet.top..",
                  "io.rivulet.fleet..",
                  "io.rivulet.stream..",
                  "io.rivulet.metrics..",
                  "io.rivulet.otlp..",
                  "io.rivulet.broker..",
                  "io.rivulet.sparsity..",
                  "io.rivulet.engine..",
                  "io.rivulet.model..",
                  "io.rivulet.kernels..",
                  "io.rivulet.protocol..")));

  static Stream<String> packages() {
    return MAY_USE.keySet().stream().sorted();
  }

  @ParameterizedTest
  @MethodSource("packages")
  void dependsOnLowerPackagesOnly(String ours) {
    String[] allowed =
        Stream.concat(Stream.of(ours), MAY_USE.get(ours).stream()).toArray(String[]::new);
    noClasses()
        .that()
        .resideInAPackage(ours)
        .should()
        .dependOnClassesThat(resideInAPackage("io.rivulet..").and(not(resideInAnyPackage(allowed))))
        .check(CLASSES);
  }

  @Test
  void everyClassLivesInAPackageThatTheMapNames() {
    classes().should().resideInAnyPackage(MAY_USE.keySet().toArray(String[]::new)).check(CLASSES);
  }

  @Test
  void noCyclesBetweenPackages() {
    slices().matching("io.rivulet.(**)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void onlyProtocolAndStreamKnowKafka() {
    noClasses()
        .that()
        .resideInAnyPackage("io.rivulet.kernels..", "io.rivulet.model..", "io.rivulet.engine..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.kafka..", "kafka..", "io.vertx..")
        .check(CLASSES);
  }

  @Test
  void onlyTheEmbeddedBrokerTouchesTheBrokersLibraries() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.rivulet.broker..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("kafka..", "org.apache.kafka.server..", "org.apache.kafka.metadata..")
        .check(CLASSES);
  }

  @Test
  void onlyVectorKernelsTouchTheIncubatorModule() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.rivulet.kernels..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("jdk.incubator..")
        .check(CLASSES);
  }
}
