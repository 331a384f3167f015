package io.sluice.gateway;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows of docs/architecture.md. */
@AnalyzeClasses(packages = "io.sluice", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule changeUsesOnlyTheJdk =
            classes()
                    .that()
                    .resideInAPackage("io.sluice.change..")
                    .should()
                    .onlyDependOnClassesThat(
                            resideInAnyPackage("io.sluice.change..", "java..", "org.jspecify.."));

    @ArchTest
    static final ArchRule conflictUsesOnlyChange =
            classes()
                    .that()
                    .resideInAPackage("io.sluice.conflict..")
                    .should()
                    .onlyDependOnClassesThat(
                            resideInAnyPackage(
                                    "io.sluice.conflict..",
                                    "io.sluice.change..",
                                    "java..",
                                    "org.jspecify.."));

    @ArchTest
    static final ArchRule conflictHasNoClockNoChanceAndNoInput =
            noClasses()
                    .that()
                    .resideInAPackage("io.sluice.conflict..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("java.io..", "java.nio..", "java.net..", "java.sql..")
                    .orShould()
                    .callMethod(java.time.Instant.class, "now")
                    .orShould()
                    .callMethod(System.class, "currentTimeMillis")
                    .orShould()
                    .callMethod(System.class, "nanoTime");

    @ArchTest
    static final ArchRule configUsesNoOtherModule =
            noClasses()
                    .that()
                    .resideInAPackage("io.sluice.config..")
                    .should()
                    .dependOnClassesThat(
                            resideInAPackage("io.sluice..")
                                    .and(not(resideInAPackage("io.sluice.config.."))));

    @ArchTest
    static final ArchRule connectorsKnowNoEngine =
            noClasses()
                    .that()
                    .resideInAPackage("io.sluice.connectors..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "io.sluice.gateway..",
                            "io.sluice.conflict..",
                            "io.sluice.config..",
                            "io.sluice.testkit..");

    @ArchTest
    static final ArchRule onlyOnePackageSeesDebezium =
            noClasses()
                    .that()
                    .resideOutsideOfPackages("io.sluice.connectors.debezium..", "io.debezium..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("io.debezium..", "org.apache.kafka..");

    @ArchTest
    static final ArchRule theSpiKnowsNoDatabase =
            noClasses()
                    .that()
                    .resideInAPackage("io.sluice.connectors.spi..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "io.sluice.connectors.postgres..",
                            "io.sluice.connectors.debezium..",
                            "java.sql..");

    @ArchTest
    static final ArchRule theEngineSeesNoConcreteConnector =
            noClasses()
                    .that()
                    .resideInAPackage("io.sluice.gateway..")
                    .and()
                    .resideOutsideOfPackages("io.sluice.gateway.cli..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "io.sluice.connectors.postgres..", "io.sluice.connectors.debezium..");

    @ArchTest
    static final ArchRule theEngineKnowsNoSql =
            noClasses()
                    .that()
                    .resideInAPackage("io.sluice.gateway..")
                    .and()
                    .resideOutsideOfPackages("io.sluice.gateway.cli..", "io.sluice.gateway.demo..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("java.sql..");

    @ArchTest
    static final ArchRule onlyTheServerSeesTheWebFramework =
            noClasses()
                    .that()
                    .resideOutsideOfPackages("io.sluice.gateway.server..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("io.javalin..", "org.eclipse.jetty..");

    @ArchTest
    static final ArchRule onlyOnePackageSeesTheExpressionLanguage =
            noClasses()
                    .that()
                    .resideOutsideOfPackages("io.sluice.gateway.expression..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("org.projectnessie..");

    @ArchTest
    static final ArchRule onlyTheDemoUsesTheTestkit =
            noClasses()
                    .that()
                    .resideInAPackage("io.sluice.gateway..")
                    .and()
                    .resideOutsideOfPackages("io.sluice.gateway.demo..")
                    .and()
                    .doNotHaveSimpleName("DemoCommand")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("io.sluice.testkit..");

    @ArchTest
    static final ArchRule packagesHaveNoCycles =
            slices().matching("io.sluice.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule timeIsHandedToTheEngine =
            noClasses()
                    .that()
                    .resideInAPackage("io.sluice.gateway..")
                    .and()
                    .resideOutsideOfPackages("io.sluice.gateway.cli..", "io.sluice.gateway.demo..")
                    .should()
                    .callMethod(java.time.Instant.class, "now")
                    .orShould()
                    .callMethod(System.class, "currentTimeMillis")
                    .orShould()
                    .callMethod(Thread.class, "sleep", long.class);
}
