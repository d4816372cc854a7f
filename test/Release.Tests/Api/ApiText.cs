using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace FastScnn.Release.Tests.Api;

/// <summary>Writes what an assembly shows to callers as text: one line for each type and each member, by name.</summary>
internal static class ApiText
{
    private static readonly SymbolDisplayFormat s_type = new(
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces,
        genericsOptions: SymbolDisplayGenericsOptions.IncludeTypeParameters | SymbolDisplayGenericsOptions.IncludeTypeConstraints | SymbolDisplayGenericsOptions.IncludeVariance,
        miscellaneousOptions: SymbolDisplayMiscellaneousOptions.UseSpecialTypes | SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    private static readonly SymbolDisplayFormat s_member = new(
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypes,
        genericsOptions: SymbolDisplayGenericsOptions.IncludeTypeParameters | SymbolDisplayGenericsOptions.IncludeTypeConstraints,
        memberOptions: SymbolDisplayMemberOptions.IncludeAccessibility | SymbolDisplayMemberOptions.IncludeModifiers | SymbolDisplayMemberOptions.IncludeType
            | SymbolDisplayMemberOptions.IncludeParameters | SymbolDisplayMemberOptions.IncludeConstantValue | SymbolDisplayMemberOptions.IncludeRef,
        parameterOptions: SymbolDisplayParameterOptions.IncludeType | SymbolDisplayParameterOptions.IncludeName | SymbolDisplayParameterOptions.IncludeDefaultValue
            | SymbolDisplayParameterOptions.IncludeParamsRefOut | SymbolDisplayParameterOptions.IncludeExtensionThis,
        propertyStyle: SymbolDisplayPropertyStyle.ShowReadWriteDescriptor,
        miscellaneousOptions: SymbolDisplayMiscellaneousOptions.UseSpecialTypes | SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    /// <summary>The API of an assembly that this process has loaded or could load.</summary>
    public static string Of(string assembly)
    {
        MetadataReference[] references = [.. Assemblies.Paths.Select(path => MetadataReference.CreateFromFile(path))];
        var compilation = CSharpCompilation.Create("Api", references: references);
        IAssemblySymbol symbol = references.Select(compilation.GetAssemblyOrModuleSymbol).OfType<IAssemblySymbol>().Single(found => found.Name == assembly);
        var text = new StringBuilder();
        foreach (INamedTypeSymbol type in Types(symbol.GlobalNamespace).OrderBy(Name, StringComparer.Ordinal))
            Append(text, type);
        return text.ToString();
    }

    private static void Append(StringBuilder text, INamedTypeSymbol type)
    {
        IEnumerable<ITypeSymbol> bases = type.BaseType is { SpecialType: SpecialType.None } parent ? [parent, .. type.Interfaces] : type.Interfaces;
        string inherits = string.Join(", ", bases.Select(symbol => symbol.ToDisplayString(s_member)));
        text.Append($"{Access(type)} {Modifiers(type)}{Kind(type)} {Name(type)}{(inherits.Length > 0 ? " : " : "")}{inherits}\n");
        foreach (string member in Members(type))
            text.Append($"    {member}\n");
        foreach (INamedTypeSymbol block in type.GetTypeMembers().Where(nested => nested.IsExtension))
        {
            text.Append($"    extension({block.ExtensionParameter!.ToDisplayString(s_member)})\n");
            foreach (string member in Members(block))
                text.Append($"        {member}\n");
        }
        text.Append('\n');
    }

    private static IEnumerable<INamedTypeSymbol> Types(INamespaceOrTypeSymbol container)
    {
        foreach (INamespaceOrTypeSymbol member in container.GetMembers().OfType<INamespaceOrTypeSymbol>())
        {
            if (member is INamedTypeSymbol type)
            {
                if (!Shown(type) || type.IsExtension)
                    continue;
                yield return type;
            }
            foreach (INamedTypeSymbol inner in Types(member))
                yield return inner;
        }
    }

    private static IEnumerable<string> Members(INamedTypeSymbol type) =>
        type.TypeKind == TypeKind.Delegate ? [] : type.GetMembers().Where(Listed).OrderBy(member => member.Name, StringComparer.Ordinal).ThenBy(Line, StringComparer.Ordinal).Select(Line);

    // What the compiler adds to every record, enum and struct is left out.
    private static bool Listed(ISymbol member) => member is not INamedTypeSymbol && Shown(member) && member is not IMethodSymbol { AssociatedSymbol: not null }
        && member is not IMethodSymbol { MethodKind: MethodKind.Constructor, Parameters.Length: 0, ContainingType.TypeKind: TypeKind.Struct or TypeKind.Enum }
        && !(member is IMethodSymbol && member.GetAttributes().Any(attribute => attribute.AttributeClass?.Name == nameof(CompilerGeneratedAttribute)));

    private static bool Shown(ISymbol symbol) =>
        symbol.DeclaredAccessibility is Accessibility.Public or Accessibility.Protected or Accessibility.ProtectedOrInternal;

    private static string Line(ISymbol member)
    {
        string obsolete = member.GetAttributes().Any(attribute => attribute.AttributeClass?.Name == nameof(ObsoleteAttribute)) ? "[Obsolete] " : "";
        return obsolete + member.ToDisplayString(s_member);
    }

    private static string Name(INamedTypeSymbol type) => type.DelegateInvokeMethod is { } invoke
        ? $"{invoke.ReturnType.ToDisplayString(s_member)} {type.ToDisplayString(s_type)}({string.Join(", ", invoke.Parameters.Select(parameter => parameter.ToDisplayString(s_member)))})"
        : type.ToDisplayString(s_type);

    private static string Access(INamedTypeSymbol type) => type.DeclaredAccessibility == Accessibility.Public ? "public" : "protected";

    private static string Modifiers(INamedTypeSymbol type) => type switch
    {
        { TypeKind: TypeKind.Interface or TypeKind.Enum or TypeKind.Delegate } => "",
        { TypeKind: TypeKind.Struct, IsReadOnly: true } => "readonly ",
        { TypeKind: TypeKind.Struct } => "",
        { IsStatic: true } => "static ",
        { IsAbstract: true } => "abstract ",
        { IsSealed: true } => "sealed ",
        _ => "",
    };

    private static string Kind(INamedTypeSymbol type) => type.TypeKind switch
    {
        TypeKind.Interface => "interface",
        TypeKind.Enum => "enum",
        TypeKind.Delegate => "delegate",
        TypeKind.Struct => type.IsRecord ? "record struct" : "struct",
        _ => type.IsRecord ? "record" : "class",
    };
}
