// The grammar of Pillion's policy language. docs/language.md is the reference in prose.
//
// It is LL(1): one token decides every alternative, so the generated parser
// never starts ANTLR's adaptive prediction, and no rule is recursive, so no
// input makes it recurse. A test holds the generated code to both.
//
// Package lang parses one statement at a time, from tokens of its own scanner.
// The lexer rules below define the tokens; a test compares the two.
grammar Policy;

policy : statement* EOF ;

statement
    : include
    | tenant
    | service
    | permission
    | middlebox
    | chain
    | multicast
    | test
    ;

include : INCLUDE file=STRING ;

// Tenants and their groups.
tenant      : TENANT id=name flags+=(ISOLATED | SHARED)* LBRACE items+=tenantItem* RBRACE ;
tenantItem  : grp=group | off=offers ;
group       : GROUP id=name EQUALS members=nameList ;
offers      : OFFERS refs=serviceList ;

// Services. A range written behind icmp is parsed so that it can be refused in words.
service     : SERVICE id=name EQUALS items+=protocol (COMMA items+=protocol)* ;
protocol    : kind=(TCP | UDP | ICMP) (SLASH ports=portRange)?
            | kind=PROTO SLASH number=NUMBER
            ;
portRange   : lo=NUMBER (MINUS hi=NUMBER)? ;
serviceRef  : literal=protocol | id=name ;
serviceList : refs+=serviceRef (COMMA refs+=serviceRef)* ;

// Rules.
permission : word=(ALLOW | DENY) id=name COLON from=selectorList ARROW to=selectorList
             (ON on=serviceList)? oneWay=ONE_WAY? ;

// Middleboxes and chains.
middlebox       : MIDDLEBOX id=name LBRACE clauses+=middleboxClause* RBRACE ;
middleboxClause : word=INSTANCES instances=nameList
                | word=STATEFUL
                | word=TAP
                | word=REWRITES
                | word=ON_FAILURE reaction=(CLOSED | OPEN)
                ;
chain    : CHAIN id=name COLON from=selectorList ARROW to=selectorList (ON on=serviceList)?
           VIA gates+=gate (ARROW gates+=gate)* prio=priority? ;
gate     : id=name turned=REVERSED? ;
priority : PRIORITY sign=MINUS? value=NUMBER ;

// Multicast. A group may have no receivers (yet).
multicast       : MULTICAST id=name LBRACE clauses+=multicastClause* RBRACE ;
multicastClause : word=GROUP addresses=addressList
                | word=SENDERS selectors=selectorList
                | word=RECEIVERS (selectors=selectorList)?
                ;
addressList     : addresses+=address (COMMA addresses+=address)* ;

// Expectations.
test    : TEST title=STRING LBRACE expects+=expect* RBRACE ;
expect  : from=name ARROW to=target (ON on=serviceList)? (FROM_PORT port=NUMBER)? COLON result=outcome ;
target  : id=name | addr=address ;
outcome : word=DROPPED
        | word=DELIVERED (TO to=nameList)? (VIA via+=name (ARROW via+=name)*)? (COPIED TO copied=nameList)?
        ;

// Who. The parts of a selector's name may be quoted one by one: "my tenant".web.
// In acme."my group" the dot belongs to the first NAME, since names may hold dots.
selectorList : selectors+=selector (COMMA selectors+=selector)* ;
selector     : any=ANY | addr=address (SLASH length=NUMBER)? | id=path ;
path         : first=name rest+=pathRest* ;
pathRest     : DOT part=name | glued=STRING ;
address      : value=(IPV4 | IPV6) ;

// Names. A word of the language that is not listed here is reserved, and must
// be quoted to be a name.
nameList : names+=name (COMMA names+=name)* ;
name
    : NAME | STRING
    | CLOSED | DELIVERED | DROPPED | FROM_PORT | ISOLATED | ONE_WAY | ON_FAILURE | OPEN
    | PRIORITY | REVERSED | REWRITES | SHARED | STATEFUL | TAP | TEST
    ;

// Reserved words.
ALLOW      : 'allow' ;
ANY        : 'any' ;
CHAIN      : 'chain' ;
COPIED     : 'copied' ;
DENY       : 'deny' ;
GROUP      : 'group' ;
ICMP       : 'icmp' ;
INCLUDE    : 'include' ;
INSTANCES  : 'instances' ;
MIDDLEBOX  : 'middlebox' ;
MULTICAST  : 'multicast' ;
OFFERS     : 'offers' ;
ON         : 'on' ;
PROTO      : 'proto' ;
RECEIVERS  : 'receivers' ;
SENDERS    : 'senders' ;
SERVICE    : 'service' ;
TCP        : 'tcp' ;
TENANT     : 'tenant' ;
TO         : 'to' ;
UDP        : 'udp' ;
VIA        : 'via' ;

// Words that are also names.
CLOSED     : 'closed' ;
DELIVERED  : 'delivered' ;
DROPPED    : 'dropped' ;
FROM_PORT  : 'from-port' ;
ISOLATED   : 'isolated' ;
ONE_WAY    : 'one-way' ;
ON_FAILURE : 'on-failure' ;
OPEN       : 'open' ;
PRIORITY   : 'priority' ;
REVERSED   : 'reversed' ;
REWRITES   : 'rewrites' ;
SHARED     : 'shared' ;
STATEFUL   : 'stateful' ;
TAP        : 'tap' ;
TEST       : 'test' ;

ARROW  : '->' ;
COLON  : ':' ;
COMMA  : ',' ;
DOT    : '.' ;
EQUALS : '=' ;
LBRACE : '{' ;
MINUS  : '-' ;
RBRACE : '}' ;
SLASH  : '/' ;

// A name does not end in '-', so that a->b needs no blanks.
NAME   : [A-Za-z_] ([A-Za-z0-9_.] | '-'+ [A-Za-z0-9_.])* ;
NUMBER : [0-9]+ ;
STRING : '"' ( ~["\\\r\n] | '\\' ["\\] )* '"' ;

// Loose on purpose: whether it is an address is decided when it is converted.
IPV4   : [0-9]+ '.' [0-9]+ '.' [0-9]+ '.' [0-9]+ ;
IPV6   : HEX+ ':' HEX+ ':' HEX+ ':' HEX+ ':' HEX+ ':' HEX+ ':' (HEX+ ':' HEX+ | IPV4)
       | (HEX+ (':' HEX+)*)? '::' ((HEX+ ':')* (HEX+ | IPV4))?
       ;
fragment HEX : [0-9a-fA-F] ;

COMMENT : '#' ~[\n]* -> channel(HIDDEN) ;
BLANK   : [ \t\r\n]+ -> channel(HIDDEN) ;
OTHER   : . ;
