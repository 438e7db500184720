"use strict";(()=>{var A,fr,xn,De,vn,Dt,gr,Mt,hr,Sn,_n,br,lt=Symbol.for("pv"),Ot={},Lt=[],mi=/^m(i|n|o|s|text|space)$/,$t=Array.isArray,En=Lt.slice,qe=Object.assign;function Ke(e){e&&e.parentNode&&e.remove()}function ct(e,t,r){var o,s,i,a={},u=arguments.length;for(i in t)i=="key"?o=t[i]:i=="ref"&&typeof e!="function"?s=t[i]:a[i]=t[i];return u>2&&(a.children=u>3?En.call(arguments,2):r),ut(e,a,o,s,null)}function ut(e,t,r,o,s){var i={type:e,props:t,key:r,ref:o,__k:null,__:null,__b:0,__e:null,__c:null,constructor:lt,__v:s||++fr,__i:-1,__u:0};return!s&&A.vnode&&A.vnode(i),i}function y(e){return e.children}function xe(e,t){this.props=e,this.context=t,this.__g=0}function Oe(e,t){if(t==null)return e.__&&Oe(e.__,e.__i+1);for(var r;t<e.__k.length;t++)if((r=e.__k[t])&&r.__e)return r.__e;return typeof e.type!="function"||e.props.__P?null:Oe(e)}function fi(e){var t,r=e.__v,o=r.__e,s=[],i=[],a=e.__P;a&&((t=qe({constructor:lt},r)).__v=r.__v+1,A.vnode&&A.vnode(t),Nn(a,t,r,e.__n,a.namespaceURI,32&r.__u?[o]:null,s,o||Oe(r),32&r.__u,i),t.__v=r.__v,t.__.__k[t.__i]=t,Sr(s,t,i),r.__=r.__e=null,t.__e!=o&&yr(t))}function yr(e){if((e=e.__)&&e.__c&&!e.props.__P)return e.__e=null,e.__k.some(function(t){return t&&(e.__e=t.__e)}),yr(e)}function wn(e){(8&e.__g||(e.__g|=8,De.push(e),Dt++))&&vn==A.debounceRendering||((vn=A.debounceRendering)||queueMicrotask)(vr)}function vr(){try{for(var e,t=1;De.length;)De.length>t&&De.sort(gr),e=De.shift(),t=De.length,8&e.__g&&fi(e)}finally{(Dt=De.length)&&(vn||queueMicrotask)(vr)}}function _r(e,t,r,o,s,i,a,u,l,d,c){var f,m,p,h,b,v,E=o.__k||Lt,S=t.length;for(l=gi(r,t,E,l,S),f=0;f<S;f++)(p=r.__k[f])!=null&&(m=~p.__i&&E[p.__i]||Ot,p.__i=f,v=Nn(e,p,m,s,i,a,u,l,d,c),h=p.__e,(m.ref!=p.ref||8&m.__u)&&(m.ref&&An(m.ref,null,p,m),p.ref&&c.push(p.ref,p.__c||h,p)),b=b||h,4&p.__u?(l=wr(p,l,e,!m.__v),m.__e&&(m.__e=null)):typeof p.type=="function"&&v!==void 0?l=v:h&&(l=h.nextSibling),p.__u&=-21);return r.__e=b,l}function gi(e,t,r,o,s){var i,a,u,l,d,c,f,m,p,h=r.length,b=h,v=0,E=0,S=e.__k=Array(s);for(i=0;i<s;i++)(a=t[i])!=null&&typeof a!="boolean"&&typeof a!="function"?(typeof a!="object"||a.constructor===String?a=S[i]=ut(null,a):$t(a)?a=S[i]=ut(y,{children:a}):a.constructor===lt&&a.__b?a=S[i]=ut(a.type,a.props,a.key,a.ref,a.__v):S[i]=a,l=i+v,a.__=e,a.__b=e.__b+1,u=null,~(d=a.__i=hi(a,r,l,b))&&(b--,(u=r[d])&&(u.__u|=2)),u&&u.__v?(a.__u|=16,d==l-1?v--:d==l+1?v++:d!=l&&(d>l?v--:v++,E=1)):(~d||(s>h?v--:s<h&&v++),typeof a.type!="function"&&(a.__u|=4))):S[i]=null;if(E){for(c=[],f=[],i=0;i<s;i++)if((a=S[i])&&16&a.__u){for(v=0,m=c.length;v<m;)c[p=v+m>>1]<a.__i?v=p+1:m=p;c[v]=a.__i,f[i]=v+1}for(v=c.length;i--;)f[i]&&(f[i]==v?v--:S[i].__u|=4)}if(b)for(i=0;i<h;i++)!(u=r[i])||2&u.__u||(u.__e==o&&(o=Oe(u)),Pn(u,u));return o}function wr(e,t,r,o){var s,i,a,u;if(typeof e.type=="function"){if(e.props.__P)return t;if(s=e.__k)for(i=0;i<s.length;i++)s[i]&&(s[i].__=e,t=wr(s[i],t,r,!1));return t}for(t&&!t.parentNode&&(t=Oe(e))&&!t.parentNode&&(t=null),a=e.__e,u=t;u&&u.nodeType==8;)u=u.nextSibling;for(a!=u&&(!o&&r.moveBefore&&a.parentNode?r.moveBefore(a,t):r.insertBefore(a,t||null)),t=a;(t=t&&t.nextSibling)&&t.nodeType==8&&!t.data.startsWith("$s"););return t}function kn(e,t){return t=t||[],e!=null&&typeof e!="boolean"&&($t(e)?e.some(function(r){kn(r,t)}):t.push(e)),t}function hi(e,t,r,o){var s,i=e.key,a=e.type,u=t[r],l=u&&!(2&u.__u);if(u===null&&i==null||l&&i==u.key&&a==u.type)return r;if(o>(l?1:0)){for(s=r-1;s>=0;s--)if((u=t[s])&&!(2&u.__u)&&i==u.key&&a==u.type)return s;for(s=r+1;s<t.length;s++)if((u=t[s])&&!(2&u.__u)&&i==u.key&&a==u.type)return s}return-1}function mr(e,t,r){r==null&&(r=""),t[0]=="-"?e.setProperty(t,r):e[t]=r}function It(e,t,r,o,s){var i,a;if(t=="style")if(typeof r=="string")e.style.cssText=r;else{if(typeof o=="string"&&(e.style.cssText=o=""),o)for(t in o)r&&t in r||mr(e.style,t);if(r)for(t in r)o&&r[t]==o[t]||mr(e.style,t,r[t])}else if(t[0]=="o"&&t[1]=="n")typeof r!="function"&&(r=null),typeof o!="function"&&(o=null),(e.__e||(e.__e={}))[t]=r,r&&o||(a=_n[t]||(_n[t]=bi(t)),(e.__a||(e.__a={}))[t]=Sn,i=t!=(t=t.replace(hr,"$1")),(t=t.slice(2))[0]<"a"&&(t=t.toLowerCase()),r?e.addEventListener(t,a,i):e.removeEventListener(t,a,i));else{if(s=="http://www.w3.org/2000/svg")t=t.replace(/xlink(H|:h)/,"h").replace(/sName$/,"s");else if(t!="width"&&t!="height"&&t!="href"&&t!="list"&&t!="form"&&t!="tabIndex"&&t!="download"&&t!="rowSpan"&&t!="colSpan"&&t!="role"&&t!="popover"&&t in e)try{return void(e[t]=r??"")}catch{}if(typeof r=="function")return;r==null||r===!1&&t[4]!="-"?e.removeAttribute(t):e.setAttribute(t,t=="popover"&&r==1?"":r)}}function bi(e){return function(t){var r=this.__e;if(r){if(r=r[e],t[Mt]==null)t[Mt]=Sn++;else if(t[Mt]<this.__a[e])return;return r(A.event?A.event(t):t)}}}function Nn(e,t,r,o,s,i,a,u,l,d){var c,f,m,p,h,b,v,E,S,N,O,ye,ve,Te,de,Be,_e,we,ge=t.type;if(t.constructor!==lt)return null;128&r.__u&&(l=32&r.__u,c=r.__c.__z)&&(t.__u|=l,f=i=[],c.nodeType==8?u=Tt(c,i):i.push(c),u=i[0]||u),(c=A.__b)&&c(t);e:if(typeof ge=="function"){m=a.length;try{if(E=t.props,S=(c=ge.prototype)&&c.render,N=(c=ge.contextType)&&o[c.__c],O=c?N?N.props.value:c.__:o,(p=r.__c)?(t.__c=p,2&p.__g&&(p.__g|=1)):(S?t.__c=p=new ge(E,O):(t.__c=p=new xe(E,O),p.constructor=ge,p.render=vi),N&&N.sub(p),p.state||(p.state={}),p.__n=o,p.__g|=8,p.__h=[],p.__k=[]),S&&(p.__s||(p.__s=p.state),ge.getDerivedStateFromProps&&(p.__s==p.state&&(p.__s=qe({},p.__s)),qe(p.__s,ge.getDerivedStateFromProps(E,p.__s)))),h=p.props,b=p.state,p.__v=t,r.__c){if(E!==h&&S&&!ge.getDerivedStateFromProps&&p.componentWillReceiveProps&&p.componentWillReceiveProps(E,O),t.__v==r.__v&&!(8&p.__g)||!(4&p.__g)&&p.shouldComponentUpdate&&p.shouldComponentUpdate(E,p.__s,O)===!1){t.__v!=r.__v&&(p.props=E,p.state=p.__s,p.__g&=-9),t.__e=r.__e,t.__k=r.__k,t.__k.some(function(oe){oe&&(oe.__=t)}),Lt.push.apply(p.__h,p.__k),p.__k=[],p.__h.length&&a.push(p),u=Oe(r);break e}p.componentWillUpdate&&p.componentWillUpdate(E,p.__s,O),S&&p.componentDidUpdate&&p.__h.push(function(){p.componentDidUpdate(h,b,v)})}else S&&!ge.getDerivedStateFromProps&&p.componentWillMount&&p.componentWillMount(),S&&p.componentDidMount&&p.__h.push(p.componentDidMount);p.context=O,p.props=E,p.__P=e,p.__g&=-5,ye=A.__r,ve=S?25:0;do p.__g&=-9,ye&&ye(t),c=p.render(p.props,p.state=p.__s,p.context);while(8&p.__g&&++ve<25);S&&(Lt.push.apply(p.__h,p.__k),p.__k=[]),p.state=p.__s,p.getChildContext&&(o=qe({},o,p.getChildContext())),S&&r.__c&&p.getSnapshotBeforeUpdate&&(v=p.getSnapshotBeforeUpdate(h,b)),Te=c&&c.type===y&&c.key==null?c.props.children:c,E.__P&&(c=u,s=(e=E.__P).namespaceURI,l=i=null,r.props&&r.props.__P!=e&&(r.__k.some(function(oe){oe&&Pn(oe,oe)}),r.__k=null),u=r.__k?Oe(r,0):null),u=_r(e,$t(Te)?Te:[Te],t,r,o,s,i,a,u,l,d),E.__P&&(t.__e=null,u=c),t.__u&=-161,f&&f.some(Ke),p.__h.length&&a.push(p),1&p.__g&&(p.__g&=-4)}catch(oe){if(a.length=m,t.__v=null,l||i)if(oe&&oe.then){if(t.__u|=128|l,i){for(~(_e=i.indexOf(u||void 0))||(_e=i.length);(we=i[_e-1])&&we.nodeType==8;)_e--;for(;_e<i.length;_e++)if(we=i[_e])if(i[_e]=null,de){if(we==Be)break}else{if(we.nodeType!=8)break;we.data.startsWith("$s")&&(Be=Tt(de=we))}}if(!de){for(;u&&u.nodeType==8&&u.nextSibling;)u=u.nextSibling;de=u}(c=Tt(de=t.__c.__z||(t.__c.__z=de)))?(t.__e=de,u=c):t.__e=u,u=u&&u.nextSibling}else i&&i.some(Ke);else t.__e=r.__e;t.__k||(t.__k=r.__k||[]),oe&&oe.then||xr(t),A.__e(oe,t,r)}}else u=t.__e=yi(r.__e,t,r,o,s,i,a,l,d,e);return(c=A.diffed)&&c(t),u}function Tt(e,t){if(e&&e.nodeType==8&&e.data.startsWith("$s"))for(var r=1;e=e.nextSibling;){if(e.nodeType==8){if(e.data.startsWith("$s"))r++;else if(e.data.startsWith("/$s")&&!--r)return e}t&&t.push(e)}}function xr(e){e&&(e.__c&&(e.__c.__g|=4),e.__k&&e.__k.some(xr))}function Sr(e,t,r){for(var o=0;o<r.length;)An(r[o++],r[o++],r[o++]);A.__c&&A.__c(t,e),e.some(function(s){try{e=s.__h,s.__h=[],e.some(function(i){i.call(s)})}catch(i){A.__e(i,s.__v)}})}function yi(e,t,r,o,s,i,a,u,l,d){var c,f,m,p,h,b,v,E,S=r.props||Ot,N=t.props,O=t.type;if(O=="svg"?s="http://www.w3.org/2000/svg":O=="math"?s="http://www.w3.org/1998/Math/MathML":s||(s="http://www.w3.org/1999/xhtml"),i){for(c=0;c<i.length;c++)if((h=i[c])&&(O?h.localName==O:h.nodeType==3)){e=h,i[c]=null;break}}if(!e){if(E=d.ownerDocument||document,!O)return E.createTextNode(N);e=E.createElementNS(s,O,N.is?N:d),u&&(A.__m&&A.__m(t,i),u=!1),i=null}if(O){if(d=O=="template"&&e.content||e,i=O=="textarea"&&N.defaultValue!=null?null:i&&En.call(d.childNodes),!u&&i)for(S={},c=0;c<e.attributes.length;c++)S[(h=e.attributes[c]).name]=h.value;for(c in S)h=S[c],c=="dangerouslySetInnerHTML"?m=h:c=="children"||c in N||c=="value"&&"defaultValue"in N||c=="checked"&&"defaultChecked"in N||It(e,c,null,h,s);for(c in N)h=N[c],c=="children"?p=h:c=="dangerouslySetInnerHTML"?f=h:c=="value"?b=h:c=="checked"?v=h:u&&typeof h!="function"||S[c]===h||It(e,c,h,S[c],s);f?(u||m&&(f.__html==m.__html||f.__html==e.innerHTML)||(e.innerHTML=f.__html),t.__k=[]):(m&&(e.textContent=""),(O=="foreignObject"||s=="http://www.w3.org/1998/Math/MathML"&&mi.test(O))&&(s="http://www.w3.org/1999/xhtml"),_r(d,$t(p)?p:[p],t,r,o,s,i,a,i?i[0]:r.__k&&Oe(r,0),u,l),i&&i.some(Ke)),u&&O!="textarea"||(c="value",O=="progress"&&b==null?e.removeAttribute(c):b==null||b===e[c]&&(O!="progress"||b)||It(e,c,b,S[c],s),c="checked",v!=null&&v!=e[c]&&It(e,c,v,S[c],s))}else S===N||u&&e.data==N||(e.data=N);return e}function An(e,t,r,o){try{typeof e=="function"?t?t.__x=e(t)||1:o&&(o=o.__c||o.__e)&&(t=o.__x)&&(o.__x=null,typeof t=="function"?t():e(null)):e.current=t}catch(s){A.__e(s,r)}}function Pn(e,t,r){var o,s,i,a;if(A.unmount&&A.unmount(e),!(o=e.ref)||o.current&&o.current!=e.__e||An(o,null,t,e),o=e.__c){if(o.componentWillUnmount)try{o.componentWillUnmount()}catch(u){A.__e(u,t)}o.__P=o.__n=null}if(o=e.__k)for(a=0;a<o.length;a++)o[a]&&Pn(o[a],t,typeof e.type!="function"||r&&!e.props.__P);!r&&(o=e.__c)&&(o=o.__z)&&(s=Tt(o,i=[]))&&(o==e.__e&&i.some(Ke),Ke(s),Ke(o)),r||Ke(e.__e),e.__e=e.__c=e.__=null}function vi(e,t,r){return this.constructor(e,r)}function Cn(e,t){var r,o,s,i;A.__&&A.__(e,t),t.nodeType==9&&(t=t.documentElement),o=(r=e&&32&e.__u)?null:t.__k,t.__k=ut(y,{children:[e]}),s=[],i=[],Nn(t,t.__k,o||Ot,Ot,t.namespaceURI,o?null:t.firstChild?En.call(t.childNodes):null,s,o?o.__e:t.firstChild,r,i),Sr(s,t.__k,i),t.__k.props.children=null}function Ut(e){function t(r){var o,s;return this.getChildContext||(o=new Set,(s={})[t.__c]=this,this.getChildContext=function(){return s},this.shouldComponentUpdate=function(i){this.props.value!=i.value&&o.forEach(function(a){a.__g|=4,wn(a)})},this.sub=function(i){o.add(i);var a=i.componentWillUnmount;i.componentWillUnmount=function(){o.delete(i),a&&a.call(i)}}),r.children}return t.__c="__cC"+br++,t.__=e,t.Provider=(t.Consumer=function(r,o){return r.children(o)}).contextType=t,t}A={__e:function(e,t,r,o){for(var s,i,a;t=t.__;)if((s=t.__c)&&!(1&s.__g)){s.__g|=4;try{if((a=(i=s.constructor)&&i.getDerivedStateFromError)&&s.setState(i.getDerivedStateFromError(e)),s.componentDidCatch&&(s.componentDidCatch(e,o||{}),a=1),a&&8&s.__g)return void(s.__g|=2)}catch(u){e=u}}throw Dt=0,e}},fr=0,xn=function(e){return e!=null&&e.constructor===lt},xe.prototype.setState=function(e,t){var r=this.__s;r&&r!=this.state||(r=this.__s=qe({},this.state)),typeof e=="function"&&(e=e(qe({},r),this.props)),e&&(qe(r,e),this.__v&&(t&&this.__k.push(t),wn(this)))},xe.prototype.forceUpdate=function(e){this.__v&&(this.__g|=4,e&&this.__h.push(e),wn(this))},xe.prototype.render=y,De=[],Dt=0,gr=function(e,t){return e.__v.__b-t.__v.__b},Mt=Symbol(),hr=/(PointerCapture)$|Capture$/i,Sn=0,_n={},br=0;var We,B,Rn,Er,In=Object.is,pt=0,Tr=[],Mn=[],G=A,kr=G.__b,Nr=G.__r,Ar=G.diffed,Pr=G.__c,Cr=G.unmount,Rr=G.__;function mt(e,t){G.__h&&G.__h(B,e,pt||t),pt=0;var r=B.__H||(B.__H={__:[],__h:[]});return e>=r.__.length&&r.__.push({}),r.__[e]}function g(e){return pt=1,Dr(Lr,e)}function Dr(e,t,r){var o=mt(We++,2);if(o.t=e,!o.__c&&(o.__=[r?r(t):Lr(void 0,t),function(i){var a=(o.__N||o.__)[0],u=o.t(a,i);In(a,u)||(o.__N=[u,o.__[1]],o.__c.setState({}))}],o.__c=B,!B.__f)){B.__f=!0;var s=B.shouldComponentUpdate;B.shouldComponentUpdate=function(i,a,u){var l=this.__H;if(!l)return!0;var d=!1,c=this.props!=i;if(l.__.some(function(m){m.__N&&(d=!0,In(m.__[0],m.__N[0])||(c=!0))}),s){var f=s.call(this,i,a,u);return d?f||c:f}return!d||c}}return o.__}function ee(e,t){var r=mt(We++,3);!G.__s&&Or(r.__H,t)&&(r.__P=!0,r.__=e,r.u=t,B.__H.__h.push(r))}function Je(e){return pt=5,Le(function(){return{current:e}},[])}function Le(e,t){var r=mt(We++,7);return Or(r.__H,t)&&(r.__=e(),r.__H=t),r.__}function ft(e,t){return pt=8,Le(function(){return e},t)}function Dn(e){var t=B.context[e.__c],r=mt(We++,9);return r.c=e,t?(r.__==null&&(r.__=!0,t.sub(B)),t.props.value):e.__}function gt(){var e=mt(We++,11);if(!e.__){for(var t=B.__v;!t.__m&&t.__;)t=t.__;var r=t.__m||(t.__m=[0,0]);e.__="P"+r[0]+"-"+r[1]++}return e.__}function _i(){var e;do{for(;e=Mn.shift();)try{dt(e)}catch(r){G.__e(r,{__:(e=e.__P)&&e.__v})}for(;e=Tr.shift();){var t=e.__H;if(e.__P&&t)try{t.__h.some(dt),t.__h.some(Tn),t.__h=[]}catch(r){t.__h=[],G.__e(r,e.__v)}}}while(Mn.length)}G.__b=function(e){B=null,kr&&kr(e)},G.__=function(e,t){e&&t.__k&&t.__k.__m&&(e.__m=t.__k.__m),Rr&&Rr(e,t)},G.__r=function(e){Nr&&Nr(e),We=0;var t=(B=e.__c).__H;t&&(Rn==B?B.__h=[]:(t.__h.some(dt),t.__h.some(Tn),We=0),t.__h=[],t.__.some(function(r){r.__N&&(r.__=r.__N),r.u=r.__N=void 0})),Rn=B},G.diffed=function(e){Ar&&Ar(e);var t=e.__c;t&&t.__H&&(t.__H.__h.length&&Mr(Tr.push(t)),t.__H.__.some(function(r){r.u&&(r.__H=r.u)})),Rn=B=null},G.__c=function(e,t){t.some(function(r){try{r.__h.some(dt),r.__h=r.__h.filter(function(o){return!o.__||Tn(o)})}catch(o){r.__h=[function(){throw o}]}}),Pr&&Pr(e,t)},G.unmount=function(e){Cr&&Cr(e);var t,r,o=e.__c;o&&o.__H&&(o.__H.__.some(function(s){try{if(s.__P&&s.__c){if(r===void 0){for(r=e.__;r&&(!r.__c||!r.__c.__P);)r=r.__;r=r&&r.__c}s.__P=r,Mr(Mn.push(s))}else dt(s)}catch(i){t=i}}),o.__H=void 0,t&&G.__e(t,o.__v))};var Ir=typeof requestAnimationFrame=="function";function wi(e){var t,r=function(){clearTimeout(o),Ir&&cancelAnimationFrame(t),setTimeout(e)},o=setTimeout(r,35);Ir&&(t=requestAnimationFrame(r))}function Mr(e){e!=1&&Er==G.requestAnimationFrame||((Er=G.requestAnimationFrame)||wi)(_i)}function dt(e){var t=B,r=e.__c;typeof r=="function"&&(e.__c=void 0,r()),B=t}function Tn(e){var t=B;e.__c=e.__(),B=t}function Or(e,t){return!e||e.length!=t.length||t.some(function(r,o){return!In(r,e[o])})}function Lr(e,t){return typeof t=="function"?t(e):t}var xi=Symbol.for("preact-signals");function Kt(){if(Re>1)Re--;else{var e,t=!1;for((function(){var s=Ft;for(Ft=void 0;s!==void 0;){var i=s.S;if(i.v===s.v)for(var a=i.t;a!==void 0;a=a.x)a.i===s.i&&(a.i=i.i);s=s.o}})();bt!==void 0;){var r=bt;for(bt=void 0,Vt++;r!==void 0;){var o=r.u;if(r.u=void 0,r.f&=-3,!(8&r.f)&&Ur(r))try{r.c()}catch(s){t||(e=s,t=!0)}r=o}}if(Vt=0,Re--,t)throw e}}function $e(e){if(Re>0)return e();On=++Si,Re++;try{return e()}finally{Kt()}}var ht,V=void 0;function yt(e){var t=V,r=ht;V=void 0,ht=void 0;try{return e()}finally{V=t,ht=r}}var bt=void 0,Re=0,Vt=0,Si=0,On=0,Ft=void 0,Bt=0;function $r(e){if(V!==void 0){var t=e.n;if(t===void 0||t.t!==V)return t={i:0,S:e,p:V.s,n:void 0,t:V,e:void 0,x:void 0,r:t},V.s!==void 0&&(V.s.n=t),V.s=t,e.n=t,32&V.f&&e.S(t),t;if(t.i===-1)return t.i=0,t.n!==void 0&&(t.n.p=t.p,t.p!==void 0&&(t.p.n=t.n),t.p=V.s,t.n=void 0,V.s.n=t,V.s=t),t}}function H(e,t){this.v=e,this.i=0,this.n=void 0,this.t=void 0,this.l=0,this.W=t?.watched,this.Z=t?.unwatched,this.name=t?.name}H.prototype.brand=xi;H.prototype.h=function(){return!0};H.prototype.S=function(e){var t=this,r=this.t;r!==e&&e.e===void 0&&(e.x=r,this.t=e,r!==void 0?r.e=e:yt(function(){var o;(o=t.W)==null||o.call(t)}))};H.prototype.U=function(e){var t=this;if(this.t!==void 0){var r=e.e,o=e.x;r!==void 0&&(r.x=o,e.e=void 0),o!==void 0&&(o.e=r,e.x=void 0),e===this.t&&(this.t=o,o===void 0&&yt(function(){var s;(s=t.Z)==null||s.call(t)}))}};H.prototype.subscribe=function(e){var t=this;return he(function(){var r=t.value;yt(function(){return e(r)})},{name:"sub"})};H.prototype.valueOf=function(){return this.value};H.prototype.toString=function(){return this.value+""};H.prototype.toJSON=function(){return this.value};H.prototype.peek=function(){var e=this;return yt(function(){return e.value})};Object.defineProperty(H.prototype,"value",{get:function(){var e=$r(this);return e!==void 0&&(e.i=this.i),this.v},set:function(e){if(e!==this.v){if(Vt>100)throw new Error("Cycle detected");(function(r){Re!==0&&Vt===0&&r.l!==On&&(r.l=On,Ft={S:r,v:r.v,i:r.i,o:Ft})})(this),this.v=e,this.i++,Bt++,Re++;try{for(var t=this.t;t!==void 0;t=t.x)t.t.N()}finally{Kt()}}}});function U(e,t){return new H(e,t)}function Ur(e){for(var t=e.s;t!==void 0;t=t.n)if(t.S.i!==t.i||!t.S.h()||t.S.i!==t.i)return!0;return!1}function Vr(e){for(var t=e.s;t!==void 0;t=t.n){var r=t.S.n;if(r!==void 0&&(t.r=r),t.S.n=t,t.i=-1,t.n===void 0){e.s=t;break}}}function Fr(e){for(var t=e.s,r=void 0;t!==void 0;){var o=t.p;t.i===-1?(t.S.U(t),o!==void 0&&(o.n=t.n),t.n!==void 0&&(t.n.p=o)):r=t,t.S.n=t.r,t.r!==void 0&&(t.r=void 0),t=o}e.s=r}function Ge(e,t){H.call(this,void 0,t),this.x=e,this.s=void 0,this.g=Bt-1,this.f=4}Ge.prototype=new H;Ge.prototype.h=function(){if(this.f&=-3,1&this.f)return!1;if((36&this.f)==32||(this.f&=-5,this.g===Bt))return!0;if(this.g=Bt,this.f|=1,this.i>0&&!Ur(this))return this.f&=-2,!0;var e=V;try{Vr(this),V=this;var t=this.x();(16&this.f||this.v!==t||this.i===0)&&(this.v=t,this.f&=-17,this.i++)}catch(r){this.v=r,this.f|=16,this.i++}return V=e,Fr(this),this.f&=-2,!0};Ge.prototype.S=function(e){if(this.t===void 0){this.f|=36;for(var t=this.s;t!==void 0;t=t.n)t.S.S(t)}H.prototype.S.call(this,e)};Ge.prototype.U=function(e){if(this.t!==void 0&&(H.prototype.U.call(this,e),this.t===void 0)){this.f&=-33;for(var t=this.s;t!==void 0;t=t.n)t.S.U(t)}};Ge.prototype.N=function(){if(!(2&this.f)){this.f|=6;for(var e=this.t;e!==void 0;e=e.x)e.t.N()}};Object.defineProperty(Ge.prototype,"value",{get:function(){if(1&this.f)throw new Error("Cycle detected");var e=$r(this);if(this.h(),e!==void 0&&(e.i=this.i),16&this.f)throw this.v;return this.v}});function pe(e,t){return new Ge(e,t)}function Br(e){var t=e.j;if(e.j=void 0,typeof t=="function"){Re++;var r=V;V=void 0;try{t()}catch(o){throw e.f&=-2,e.f|=8,Ln(e),o}finally{V=r,Kt()}}}function Ln(e){for(var t=e.s;t!==void 0;t=t.n)t.S.U(t);e.x=void 0,e.s=void 0,Br(e)}function Ei(e){if(V!==this)throw new Error("Out-of-order effect");Fr(this),V=e,this.f&=-2;try{8&this.f&&Ln(this)}finally{Kt()}}function Xe(e,t){this.x=e,this.j=void 0,this.s=void 0,this.u=void 0,this.f=32,this.name=t?.name,ht&&ht.push(this)}Xe.prototype.c=function(){var e=this.S();try{if(8&this.f||this.x===void 0)return;var t=this.x();typeof t=="function"&&(this.j=t)}finally{e()}};Xe.prototype.S=function(){if(1&this.f)throw new Error("Cycle detected");this.f|=1,this.f&=-9,Br(this),Vr(this),Re++;var e=V;return V=this,Ei.bind(this,e)};Xe.prototype.N=function(){2&this.f||(this.f|=2,this.u=bt,bt=this)};Xe.prototype.d=function(){this.f|=8,1&this.f||Ln(this)};Xe.prototype.dispose=function(){this.d()};function he(e,t){var r=new Xe(e,t);try{r.c()}catch(s){throw r.d(),s}var o=r.d.bind(r);return o[Symbol.dispose]=o,o}var Kr,Wt,qt,ki=typeof window<"u"&&!!window.__PREACT_SIGNALS_DEVTOOLS__;var qr=[];he(function(){Kr=this.N})();function Ze(e,t){A[e]=t.bind(null,A[e]||function(){})}function vt(e){if(qt){var t=qt;qt=void 0,t()}qt=e&&e.S()}function Wr(e){var t=this,r=e.data,o=Ai(r);o.name="ReactiveDom",o.value=r;var s=Le(function(){for(var u=t,l=t.__v;l=l.__;)if(l.__c){l.__c.__$f|=4;break}var d=pe(function(){var p=o.value.value;return p===0?0:p===!0?"":p||""}),c=pe(function(){return!Array.isArray(d.value)&&!xn(d.value)}),f=he(function(){if(this.N=Gr,c.value){var p=d.value;u.__v&&u.__v.__e&&u.__v.__e.nodeType===3&&(u.__v.__e.data=p)}}),m=t.__$u.d;return t.__$u.d=function(){f(),m.call(this)},[c,d]},[]),i=s[0],a=s[1];return i.value?a.peek():a.value}Wr.displayName="ReactiveTextNode";Object.defineProperties(H.prototype,{constructor:{configurable:!0,value:ct(y,null).constructor},type:{configurable:!0,value:Wr},props:{configurable:!0,get:function(){var e=this;return{data:{get value(){return e.value}}}}},__b:{configurable:!0,value:1}});Ze("__b",function(e,t){if(vt(),Wt=void 0,typeof t.type=="string"){var r,o=t.props;for(var s in o)if(s!=="children"){var i=o[s];i instanceof H&&(r||(t.__np=r={}),r[s]=i,o[s]=i.peek())}}e(t)});Ze("__r",function(e,t){if(e(t),t.type!==y){vt();var r,o=t.__c;o&&(o.__$f&=-2,(r=o.__$u)===void 0&&(o.__$u=r=(function(s,i){var a;return he(function(){a=this},{name:i}),a.c=s,a})((function(s){return function(){var i;ki&&((i=this.y)==null||i.call(this)),s.__$f|=1,s.setState({})}})(o),typeof t.type=="function"?t.type.displayName||t.type.name:""))),Wt=o,vt(r)}});Ze("__e",function(e,t,r,o){vt(),Wt=void 0,e(t,r,o)});Ze("diffed",function(e,t){vt(),Wt=void 0;var r;if(typeof t.type=="string"&&(r=t.__e)){var o=t.__np,s=t.props,i=r.U;if(i)for(var a in i){var u=i[a];u===void 0||o&&a in o||(u.d(),i[a]=void 0)}if(o){i||(i={},r.U=i);for(var l in o){var d=i[l],c=o[l];d===void 0?(d=Ni(r,l,c,s),i[l]=d):d.o(c,s)}}}e(t)});function Ni(e,t,r,o){var s=t in e&&e.ownerSVGElement===void 0,i=U(r);return{o:function(a,u){i.value=a,o=u},d:he(function(){this.N=Gr;var a=i.value.value;o[t]!==a&&(o[t]=a,s?e[t]=a:a!=null&&(a!==!1||t[4]==="-")?e.setAttribute(t,a):e.removeAttribute(t))})}}Ze("unmount",function(e,t){if(typeof t.type=="string"){var r=t.__e;if(r){var o=r.U;if(o){r.U=void 0;for(var s in o){var i=o[s];i&&i.d()}}}var a=t.__np;if(a){var u=t.props;for(var l in a)u[l]=a[l]}t.__np=void 0}else{var d=t.__c;if(d){d.__$f|=8;var c=d.__$u;c&&(d.__$u=void 0,c.d())}}e(t)});Ze("__h",function(e,t,r,o){o<3&&(t.__$f|=2),e(t,r,o)});xe.prototype.shouldComponentUpdate=function(e,t){if(this.__R)return!0;var r=this.__$u,o=r&&r.s!==void 0;for(var s in t)return!0;if(this.__f||typeof this.u=="boolean"&&this.u===!0){var i=2&this.__$f;if(!(o||i||4&this.__$f)||1&this.__$f)return!0}else if(!(o||4&this.__$f)||3&this.__$f)return!0;for(var a in e)if(a!=="__source"&&e[a]!==this.props[a])return!0;for(var u in this.props)if(!(u in e))return!0;return!1};function Ai(e,t){return Le(function(){return U(e,t)},[])}var Pi=function(e){queueMicrotask(function(){queueMicrotask(e)})};function Ci(){$e(function(){for(var e;e=qr.shift();)Kr.call(e)})}function Gr(){qr.push(this)===1&&(A.requestAnimationFrame||Pi)(Ci)}function ue(e){return e===null?"null":Array.isArray(e)?"array":typeof e}function Ue(e){return ue(e)==="object"}function Ri(e){return Array.isArray(e)&&e.length>0&&e.every(t=>"message"in t)}function $n(e,t){return e.length<124?e:t}var Hr="graphql-transport-ws";var me=(e=>(e[e.InternalServerError=4500]="InternalServerError",e[e.InternalClientError=4005]="InternalClientError",e[e.BadRequest=4400]="BadRequest",e[e.BadResponse=4004]="BadResponse",e[e.Unauthorized=4401]="Unauthorized",e[e.Forbidden=4403]="Forbidden",e[e.SubprotocolNotAcceptable=4406]="SubprotocolNotAcceptable",e[e.ConnectionInitialisationTimeout=4408]="ConnectionInitialisationTimeout",e[e.ConnectionAcknowledgementTimeout=4504]="ConnectionAcknowledgementTimeout",e[e.SubscriberAlreadyExists=4409]="SubscriberAlreadyExists",e[e.TooManyInitialisationRequests=4429]="TooManyInitialisationRequests",e))(me||{}),fe=(e=>(e.ConnectionInit="connection_init",e.ConnectionAck="connection_ack",e.Ping="ping",e.Pong="pong",e.Subscribe="subscribe",e.Next="next",e.Error="error",e.Complete="complete",e))(fe||{});function Qr(e){if(!Ue(e))throw new Error(`Message is expected to be an object, but got ${ue(e)}`);if(!e.type)throw new Error("Message is missing the 'type' property");if(typeof e.type!="string")throw new Error(`Message is expects the 'type' property to be a string, but got ${ue(e.type)}`);switch(e.type){case"connection_init":case"connection_ack":case"ping":case"pong":{if(e.payload!=null&&!Ue(e.payload))throw new Error(`"${e.type}" message expects the 'payload' property to be an object or nullish or missing, but got "${e.payload}"`);break}case"subscribe":{if(typeof e.id!="string")throw new Error(`"${e.type}" message expects the 'id' property to be a string, but got ${ue(e.id)}`);if(!e.id)throw new Error(`"${e.type}" message requires a non-empty 'id' property`);if(!Ue(e.payload))throw new Error(`"${e.type}" message expects the 'payload' property to be an object, but got ${ue(e.payload)}`);if(typeof e.payload.query!="string")throw new Error(`"${e.type}" message payload expects the 'query' property to be a string, but got ${ue(e.payload.query)}`);if(e.payload.variables!=null&&!Ue(e.payload.variables))throw new Error(`"${e.type}" message payload expects the 'variables' property to be a an object or nullish or missing, but got ${ue(e.payload.variables)}`);if(e.payload.operationName!=null&&ue(e.payload.operationName)!=="string")throw new Error(`"${e.type}" message payload expects the 'operationName' property to be a string or nullish or missing, but got ${ue(e.payload.operationName)}`);if(e.payload.extensions!=null&&!Ue(e.payload.extensions))throw new Error(`"${e.type}" message payload expects the 'extensions' property to be a an object or nullish or missing, but got ${ue(e.payload.extensions)}`);break}case"next":{if(typeof e.id!="string")throw new Error(`"${e.type}" message expects the 'id' property to be a string, but got ${ue(e.id)}`);if(!e.id)throw new Error(`"${e.type}" message requires a non-empty 'id' property`);if(!Ue(e.payload))throw new Error(`"${e.type}" message expects the 'payload' property to be an object, but got ${ue(e.payload)}`);break}case"error":{if(typeof e.id!="string")throw new Error(`"${e.type}" message expects the 'id' property to be a string, but got ${ue(e.id)}`);if(!e.id)throw new Error(`"${e.type}" message requires a non-empty 'id' property`);if(!Ri(e.payload))throw new Error(`"${e.type}" message expects the 'payload' property to be an array of GraphQL errors, but got ${JSON.stringify(e.payload)}`);break}case"complete":{if(typeof e.id!="string")throw new Error(`"${e.type}" message expects the 'id' property to be a string, but got ${ue(e.id)}`);if(!e.id)throw new Error(`"${e.type}" message requires a non-empty 'id' property`);break}default:throw new Error(`Invalid message 'type' property "${e.type}"`)}return e}function jr(e,t){return Qr(typeof e=="string"?JSON.parse(e,t):e)}function et(e,t){return Qr(e),JSON.stringify(e,t)}function Vn(e){let{url:t,connectionParams:r,lazy:o=!0,onNonLazyError:s=console.error,lazyCloseTimeout:i=0,keepAlive:a=0,disablePong:u,connectionAckWaitTimeout:l=0,retryAttempts:d=5,retryWait:c=async function($){let k=Math.pow(2,$);await new Promise(T=>setTimeout(T,k*1e3+Math.floor(Math.random()*2700+300)))},shouldRetry:f=Un,on:m,webSocketImpl:p,generateID:h=function(){return"xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx".replace(/[xy]/g,$=>{let k=Math.random()*16|0;return($=="x"?k:k&3|8).toString(16)})},jsonMessageReplacer:b,jsonMessageReviver:v}=e,E;if(p){if(!Mi(p))throw new Error("Invalid WebSocket implementation provided");E=p}else typeof WebSocket<"u"?E=WebSocket:typeof global<"u"?E=global.WebSocket||global.MozWebSocket:typeof window<"u"&&(E=window.WebSocket||window.MozWebSocket);if(!E)throw new Error("WebSocket implementation missing; on Node you can `import WebSocket from 'ws';` and pass `webSocketImpl: WebSocket` to `createClient`");let S=E,N=(()=>{let R=(()=>{let k={};return{on(T,q){return k[T]=q,()=>{delete k[T]}},emit(T){"id"in T&&k[T.id]?.(T)}}})(),$={connecting:m?.connecting?[m.connecting]:[],opened:m?.opened?[m.opened]:[],connected:m?.connected?[m.connected]:[],ping:m?.ping?[m.ping]:[],pong:m?.pong?[m.pong]:[],message:m?.message?[R.emit,m.message]:[R.emit],closed:m?.closed?[m.closed]:[],error:m?.error?[m.error]:[]};return{onMessage:R.on,on(k,T){let q=$[k];return q.push(T),()=>{let W=q.indexOf(T);W>-1&&q.splice(W,1)}},emit(k,...T){for(let q of[...$[k]])q(...T)}}})();function O(R){let $=[N.on("error",k=>{$.forEach(T=>T()),R(k)}),N.on("closed",k=>{$.forEach(T=>T()),R(k)})];return()=>$.forEach(k=>k())}let ye,ve=0,Te,de=!1,Be=0,_e=!1;async function we(){clearTimeout(Te);let[R,$]=await(ye??(ye=new Promise((q,W)=>(async()=>{if(de){if(await c(Be),!ve)return ye=void 0,W({code:1e3,reason:"All Subscriptions Gone"});Be++}N.emit("connecting",de);let I=new S(typeof t=="function"?await t():t,Hr),Ce,Ye;function Rt(){isFinite(a)&&a>0&&(clearTimeout(Ye),Ye=setTimeout(()=>{I.readyState===S.OPEN&&(I.send(et({type:fe.Ping})),N.emit("ping",!1,void 0))},a))}O(Z=>{ye=void 0,clearTimeout(Ce),clearTimeout(Ye),W(Z),Z instanceof _t&&(I.close(4499,"Terminated"),I.onerror=null,I.onclose=null)}),I.onerror=Z=>N.emit("error",Z),I.onclose=Z=>N.emit("closed",Z),I.onopen=async()=>{try{N.emit("opened",I);let Z=typeof r=="function"?await r():r;if(I.readyState!==S.OPEN)return;I.send(et(Z?{type:fe.ConnectionInit,payload:Z}:{type:fe.ConnectionInit},b)),isFinite(l)&&l>0&&(Ce=setTimeout(()=>{I.close(me.ConnectionAcknowledgementTimeout,"Connection acknowledgement timeout")},l)),Rt()}catch(Z){N.emit("error",Z),I.close(me.InternalClientError,$n(Z instanceof Error?Z.message:String(Z),"Internal client error"))}};let ze=!1;I.onmessage=({data:Z})=>{try{let J=jr(Z,v);if(N.emit("message",J),J.type==="ping"||J.type==="pong"){N.emit(J.type,!0,J.payload),J.type==="pong"?Rt():u||(I.send(et(J.payload?{type:fe.Pong,payload:J.payload}:{type:fe.Pong},b)),N.emit("pong",!1,J.payload));return}if(ze)return;if(J.type!==fe.ConnectionAck)throw new Error(`First message cannot be of type ${J.type}`);clearTimeout(Ce),ze=!0,N.emit("connected",I,J.payload,de),de=!1,Be=0;let pr=new Promise((du,pi)=>O(pi));pr.catch(()=>{}),q([I,pr])}catch(J){I.onmessage=null,N.emit("error",J),I.close(me.BadResponse,$n(J instanceof Error?J.message:String(J),"Bad response"))}}})())));R.readyState===S.CLOSING&&await $;let k=()=>{},T=new Promise(q=>k=q);return[R,k,new Promise((q,W)=>{let I=O(W);R.readyState!==S.OPEN&&$.catch(W),T.then(()=>{if(I(),!ve){let Ce=()=>R.close(1e3,"Normal Closure");isFinite(i)&&i>0?(clearTimeout(Te),Te=setTimeout(()=>{!ve&&R.readyState===S.OPEN&&Ce()},i)):Ce()}q()})})]}function ge(R){if(Un(R)&&(Ii(R.code)||[me.InternalServerError,me.InternalClientError,me.BadRequest,me.BadResponse,me.Unauthorized,me.SubprotocolNotAcceptable,me.SubscriberAlreadyExists,me.TooManyInitialisationRequests].includes(R.code)))throw R;if(_e)return!1;if(Un(R)&&R.code===1e3)return ve>0;if(!d||Be>=d||!f(R))throw R;return de=!0}o||(async()=>{for(ve++;;)try{let[,,R]=await we();await R}catch(R){try{if(!ge(R))return}catch($){return s?.($)}}})();function oe(R,$){let k=h(R),T=!1,q=!1,W=()=>{ve--,T=!0};return(async()=>{for(ve++;;)try{let[I,Ce,Ye]=await we();if(T)return Ye.catch(()=>{}),Ce();let Rt=N.onMessage(k,ze=>{switch(ze.type){case fe.Next:{$.next(ze.payload);return}case fe.Error:{q=!0,T=!0,$.error(ze.payload),W();return}case fe.Complete:{T=!0,W();return}}});I.send(et({id:k,type:fe.Subscribe,payload:R},b)),W=()=>{!T&&I.readyState===S.OPEN&&I.send(et({id:k,type:fe.Complete},b)),ve--,T=!0,Ce()},await Ye.finally(Rt);return}catch(I){if(!ge(I))return}})().then(()=>{q||$.complete()}).catch(I=>{$.error(I)}),()=>{T||W()}}return{on:N.on,subscribe:oe,iterate(R){let $=[],k={done:!1,error:null,resolve:()=>{}},T=oe(R,{next(W){$.push(W),k.resolve()},error(W){k.done=!0,k.error=W,k.resolve()},complete(){k.done=!0,k.resolve()}}),q=(async function*(){for(;;){for($.length||await new Promise(I=>k.resolve=I);$.length;)yield $.shift();if(k.error)throw k.error;if(k.done)return}})();return q.throw=async W=>(k.done||(k.done=!0,k.error=W,k.resolve()),{done:!0,value:void 0}),q.return=async()=>(T(),{done:!0,value:void 0}),q},async dispose(){if(_e=!0,ye){let[R]=await ye;R.close(1e3,"Normal Closure")}},terminate(){ye&&N.emit("closed",new _t)}}}var _t=class extends Error{name="TerminatedCloseEvent";message="4499: Terminated";code=4499;reason="Terminated";wasClean=!1};function Un(e){return Ue(e)&&"code"in e&&"reason"in e}function Ii(e){return[1e3,1001,1006,1005,1012,1013,1014].includes(e)?!1:e>=1e3&&e<=1999}function Mi(e){return typeof e=="function"&&"constructor"in e&&"CLOSED"in e&&"CLOSING"in e&&"CONNECTING"in e&&"OPEN"in e}var Gt=class extends Error{code;field;constructor(t,r,o){super(r),this.code=t,this.field=o}},Yr=3e4,X=null,Fn=null,zr=new Set,Ht=new BroadcastChannel("otpwire-session");Ht.onmessage=({data:e})=>{switch(e.type){case"token":X&&(X=e.token);break;case"signed-in":wt("changed-elsewhere");break;case"signed-out":X=null,wt("signed-out")}};function wt(e){for(let t of zr)t(e)}function Jr(e){zr.add(e)}async function Qt(){return X&&X.expiresAt-Yr>Date.now()?X.value:X?He():null}function He(){return Fn??=Ti(Di).finally(()=>Fn=null),Fn}async function Ti(e){let t=X;return navigator.locks?navigator.locks.request("otpwire-session",()=>e(t)):e(t)}async function Di(e){if(X&&X!==e&&X.expiresAt-Yr>Date.now())return X.value;let t=await jt("/session/refresh");if(t.status===204){let r=X!==null;return X=null,r&&wt("signed-out"),null}return Bn(await t.json())}function Bn({access_token:e,expires_in:t}){return X={value:e,expiresAt:Date.now()+t*1e3},Ht.postMessage({type:"token",token:X}),e}async function xt(e){let t=await jt("/session",e);Bn(await t.json()),Ht.postMessage({type:"signed-in"}),wt("signed-in")}async function Xr(e,t){let r=await jt("/session/password",{current_password:e,new_password:t},await Qt());Bn(await r.json())}async function Kn(){await jt("/session/end"),X=null,Ht.postMessage({type:"signed-out"}),wt("signed-out")}async function jt(e,t,r){let o={accept:"application/json"};t&&(o["content-type"]="application/json"),r&&(o.authorization=`Bearer ${r}`);let s;try{s=await fetch(e,{method:"POST",headers:o,...t&&{body:JSON.stringify(t)}})}catch{throw new Gt("OFFLINE","The server cannot be reached.")}if(s.ok)return s;let i=await s.json().catch(()=>null);throw new Gt(i?.code??"UNAVAILABLE",i?.details?.issue??i?.message??`The server answered ${s.status}.`,i?.details?.field)}var se=class extends Error{code;field;details;constructor(t,r,o={}){super(r),this.code=t,this.field=typeof o.field=="string"?o.field:void 0,this.details=o}},Oi=new Set(["TOKEN_EXPIRED","SESSION_ENDED","UNAUTHENTICATED"]);function Wn({message:e,extensions:t={}}){return new se(t.code??"INTERNAL",t.issue??e,t)}async function w(e,...[t]){let r=await Qt().catch(qn),o=await eo(e,t,r);if(r&&o.errors?.some(({extensions:s})=>Oi.has(s?.code??""))){let s=await He().catch(qn);if(s)return Zr(await eo(e,t,s))}return Zr(o)}function Zr({data:e,errors:t}){if(t?.[0])throw Wn(t[0]);if(!e)throw new se("INTERNAL","The server answered without data.");return e}async function eo(e,t,r){let o=await fetch("/graphql",{method:"POST",headers:{accept:"application/graphql-response+json","content-type":"application/json",...r&&{authorization:`Bearer ${r}`}},body:JSON.stringify({query:e.toString(),variables:t})}).catch(qn);return o.json().catch(()=>{throw new se("UNAVAILABLE",`The server answered ${o.status}.`)})}function qn(){throw new se("OFFLINE","The server cannot be reached.")}var Li=1e4,to=5e3;function ro(e,t){let r=Date.now(),o,s,i=new Promise(u=>s=u),a=Vn({url:`${location.protocol==="https:"?"wss:":"ws:"}//${location.host}/graphql`,connectionParams:async()=>({Authorization:`Bearer ${await Qt()}`}),retryAttempts:0,connectionAckWaitTimeout:to*2,keepAlive:Li,on:{connected:t,message:()=>r=Date.now(),ping:u=>{u||(o=setTimeout(()=>a.terminate(),to))},pong:()=>clearTimeout(o),closed:u=>{clearTimeout(o),s(no(u))}}});for(let{document:u,variables:l,next:d}of e)a.subscribe({query:u.toString(),...l&&{variables:l}},{next:({data:c,errors:f})=>{let m=f?.[0];m?s(Wn(m)):c&&d(c)},error:c=>s(no(c)),complete:()=>s(null)});return{ended:i,close:()=>{a.dispose()},heardAt:()=>r}}function no(e){return Array.isArray(e)&&e[0]?Wn(e[0]):e instanceof CloseEvent&&(e.code===4401||e.code===4403)?new se("UNAUTHENTICATED",e.reason):e instanceof se?e:null}var _=class extends String{__apiType;value;__meta__;constructor(t,r){super(t),this.value=t,this.__meta__=r}toString(){return this.value}},Mu=new _(`
    fragment ProviderSummary on Provider {
  id
  name
  kind
  isActive
  priority
  rateLimitPerMinute
  configuration
  hasAddressToken
  secretChangedAt
  secretVerifiedAt
  webhookPath
  statusCallbackPath
  createdAt
  health {
    messageCount
    failureCount
    duplicateCount
    refusalCount
    limitedCount
    unroutableCount
    hasWeakSecret
    lastMessageAt
    lastFailureAt
    lastRefusalAt
    lastRefusalReason
  }
}
    `,{fragmentName:"ProviderSummary"}),Tu=new _(`
    fragment InboxMessage on Message {
  id
  phoneNumber
  phoneNumberId
  senderNumber
  messageContent
  messageType
  receivedAt
  isRead
  otp {
    code
    service
  }
  media {
    url
    contentType
  }
}
    `,{fragmentName:"InboxMessage"}),Du=new _(`
    fragment RentedNumber on PhoneNumber {
  id
  phoneNumber
  countryCode
  status
  assignedAt
  expiresAt
  label
  isGranted
}
    `,{fragmentName:"RentedNumber"}),oo=new _(`
    query Viewer {
  viewer {
    id
    email
    firstName
    lastName
    role
    plan
    emailVerified
  }
}
    `),so=new _(`
    mutation Register($input: RegisterInput!) {
  register(input: $input) {
    user {
      id
      emailVerified
    }
  }
}
    `),io=new _(`
    mutation VerifyEmail($input: VerifyEmailInput!) {
  verifyEmail(input: $input) {
    message
  }
}
    `),Yt=new _(`
    mutation ResendVerificationEmail($input: MailInput!) {
  resendVerificationEmail(input: $input) {
    message
  }
}
    `),ao=new _(`
    mutation RequestPasswordReset($input: MailInput!) {
  requestPasswordReset(input: $input) {
    message
  }
}
    `),uo=new _(`
    mutation ResetPassword($input: ResetPasswordInput!) {
  resetPassword(input: $input) {
    message
  }
}
    `),lo=new _(`
    mutation UpdateViewer($input: UpdateViewerInput!) {
  updateViewer(input: $input) {
    user {
      id
      firstName
      lastName
    }
  }
}
    `),co=new _(`
    query Sessions {
  sessions {
    id
    isCurrent
    userAgent
    ipAddress
    createdAt
    lastUsedAt
  }
}
    `),po=new _(`
    mutation EndSession($input: EndSessionInput!) {
  endSession(input: $input) {
    message
  }
}
    `),mo=new _(`
    mutation LogOutEverywhere {
  logOutEverywhere {
    message
  }
}
    `),fo=new _(`
    query ApiKeys {
  apiKeys {
    id
    name
    prefix
    scopes
    createdAt
    lastUsedAt
    expiresAt
  }
}
    `),go=new _(`
    mutation CreateApiKey($input: CreateApiKeyInput!) {
  createApiKey(input: $input) {
    key
    apiKey {
      id
    }
  }
}
    `),ho=new _(`
    mutation RevokeApiKey($input: RevokeApiKeyInput!) {
  revokeApiKey(input: $input) {
    message
  }
}
    `),bo=new _(`
    query Overview {
  stats {
    messageCount
    openConnectionCount
    phoneNumbers {
      available
      assigned
      expired
      blocked
    }
    users {
      total
      active
      premium
    }
    webhooks {
      received
      duplicate
      quarantined
      unroutable
      failed
    }
  }
}
    `),tt=new _(`
    query Providers($first: Int!, $after: String) {
  providers(first: $first, after: $after) {
    nodes {
      ...ProviderSummary
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    fragment ProviderSummary on Provider {
  id
  name
  kind
  isActive
  priority
  rateLimitPerMinute
  configuration
  hasAddressToken
  secretChangedAt
  secretVerifiedAt
  webhookPath
  statusCallbackPath
  createdAt
  health {
    messageCount
    failureCount
    duplicateCount
    refusalCount
    limitedCount
    unroutableCount
    hasWeakSecret
    lastMessageAt
    lastFailureAt
    lastRefusalAt
    lastRefusalReason
  }
}`),yo=new _(`
    query Provider($id: ID!) {
  node(id: $id) {
    ...ProviderSummary
  }
}
    fragment ProviderSummary on Provider {
  id
  name
  kind
  isActive
  priority
  rateLimitPerMinute
  configuration
  hasAddressToken
  secretChangedAt
  secretVerifiedAt
  webhookPath
  statusCallbackPath
  createdAt
  health {
    messageCount
    failureCount
    duplicateCount
    refusalCount
    limitedCount
    unroutableCount
    hasWeakSecret
    lastMessageAt
    lastFailureAt
    lastRefusalAt
    lastRefusalReason
  }
}`),vo=new _(`
    query ProviderKinds {
  providerKinds {
    kind
    title
    secret
    isPreset
    settings {
      name
      description
    }
  }
}
    `),_o=new _(`
    mutation CreateProvider($input: CreateProviderInput!) {
  createProvider(input: $input) {
    generatedSecret
    provider {
      ...ProviderSummary
    }
  }
}
    fragment ProviderSummary on Provider {
  id
  name
  kind
  isActive
  priority
  rateLimitPerMinute
  configuration
  hasAddressToken
  secretChangedAt
  secretVerifiedAt
  webhookPath
  statusCallbackPath
  createdAt
  health {
    messageCount
    failureCount
    duplicateCount
    refusalCount
    limitedCount
    unroutableCount
    hasWeakSecret
    lastMessageAt
    lastFailureAt
    lastRefusalAt
    lastRefusalReason
  }
}`),zt=new _(`
    mutation UpdateProvider($input: UpdateProviderInput!) {
  updateProvider(input: $input) {
    provider {
      ...ProviderSummary
    }
  }
}
    fragment ProviderSummary on Provider {
  id
  name
  kind
  isActive
  priority
  rateLimitPerMinute
  configuration
  hasAddressToken
  secretChangedAt
  secretVerifiedAt
  webhookPath
  statusCallbackPath
  createdAt
  health {
    messageCount
    failureCount
    duplicateCount
    refusalCount
    limitedCount
    unroutableCount
    hasWeakSecret
    lastMessageAt
    lastFailureAt
    lastRefusalAt
    lastRefusalReason
  }
}`),wo=new _(`
    mutation SimulateInboundSms($input: SimulateInboundSmsInput!) {
  simulateInboundSms(input: $input) {
    outcome
    message {
      id
      otp {
        code
        service
      }
    }
  }
}
    `),Jt=new _(`
    query AllNumbers($filter: PhoneNumberFilter, $first: Int!, $after: String) {
  phoneNumbers(filter: $filter, first: $first, after: $after) {
    totalCount
    nodes {
      ...RentedNumber
      provider {
        id
        name
      }
      renter {
        id
        email
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    fragment RentedNumber on PhoneNumber {
  id
  phoneNumber
  countryCode
  status
  assignedAt
  expiresAt
  label
  isGranted
}`),xo=new _(`
    mutation ImportPhoneNumbers($input: ImportPhoneNumbersInput!) {
  importPhoneNumbers(input: $input) {
    addedIds
    knownCount
    rejected {
      index
      message
    }
  }
}
    `),So=new _(`
    mutation SetPhoneNumberStatus($input: SetPhoneNumberStatusInput!) {
  setPhoneNumberStatus(input: $input) {
    phoneNumber {
      ...RentedNumber
    }
  }
}
    fragment RentedNumber on PhoneNumber {
  id
  phoneNumber
  countryCode
  status
  assignedAt
  expiresAt
  label
  isGranted
}`),Eo=new _(`
    query DeliveryReports($filter: DeliveryReportFilter, $first: Int!, $after: String) {
  deliveryReports(filter: $filter, first: $first, after: $after) {
    nodes {
      id
      kind
      status
      phoneNumber
      providerMessageId
      providerStatus
      messageId
      errorMessage
      retryCount
      createdAt
      payload
      provider {
        id
        name
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `),ko=new _(`
    query Users($filter: UserFilter, $first: Int!, $after: String) {
  users(filter: $filter, first: $first, after: $after) {
    totalCount
    nodes {
      id
      email
      firstName
      lastName
      role
      plan
      isActive
      emailVerified
      createdAt
      lastLogin
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `),No=new _(`
    mutation UpdateUser($input: UpdateUserInput!) {
  updateUser(input: $input) {
    user {
      id
      role
      plan
      isActive
    }
  }
}
    `),Ao=new _(`
    query AuditLog($filter: AuditFilter, $first: Int!, $after: String) {
  auditLog(filter: $filter, first: $first, after: $after) {
    nodes {
      id
      action
      target
      details
      createdAt
      actor {
        id
        email
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `),Po=new _(`
    query OtpPatterns($first: Int!, $after: String) {
  otpPatterns(first: $first, after: $after) {
    nodes {
      id
      pattern
      sender
      service
      isActive
      createdAt
      provider {
        id
        name
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `),Co=new _(`
    query TestOtpPattern($pattern: String!, $text: String!) {
  testOtpPattern(pattern: $pattern, text: $text) {
    code
    service
  }
}
    `),Ro=new _(`
    mutation CreateOtpPattern($input: CreateOtpPatternInput!) {
  createOtpPattern(input: $input) {
    otpPattern {
      id
    }
  }
}
    `),Io=new _(`
    mutation UpdateOtpPattern($input: UpdateOtpPatternInput!) {
  updateOtpPattern(input: $input) {
    otpPattern {
      id
    }
  }
}
    `),Mo=new _(`
    mutation DeleteOtpPattern($input: DeleteOtpPatternInput!) {
  deleteOtpPattern(input: $input) {
    deletedOtpPatternId
  }
}
    `),To=new _(`
    query Invitations($first: Int!, $after: String) {
  invitations(first: $first, after: $after) {
    nodes {
      id
      status
      email
      plan
      isMailed
      createdAt
      expiresAt
      usedBy {
        id
        email
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `),Do=new _(`
    mutation CreateInvitation($input: CreateInvitationInput!) {
  createInvitation(input: $input) {
    token
    link
  }
}
    `),Oo=new _(`
    mutation RevokeInvitation($input: RevokeInvitationInput!) {
  revokeInvitation(input: $input) {
    revokedInvitationId
  }
}
    `),Lo=new _(`
    query BlockedSenders($first: Int!, $after: String) {
  blockedSenders(first: $first, after: $after) {
    nodes {
      id
      sender
      note
      createdAt
      createdBy {
        id
        email
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `),$o=new _(`
    mutation BlockSender($input: BlockSenderInput!) {
  blockSender(input: $input) {
    blockedSender {
      id
    }
  }
}
    `),Uo=new _(`
    mutation UnblockSender($input: UnblockSenderInput!) {
  unblockSender(input: $input) {
    unblockedSenderId
  }
}
    `),Gn=new _(`
    query Messages($first: Int!, $after: String) {
  messages(first: $first, after: $after) {
    latestCursor
    nodes {
      ...InboxMessage
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    fragment InboxMessage on Message {
  id
  phoneNumber
  phoneNumberId
  senderNumber
  messageContent
  messageType
  receivedAt
  isRead
  otp {
    code
    service
  }
  media {
    url
    contentType
  }
}`),Vo=new _(`
    subscription MessageReceived($after: String!) {
  messageReceived(after: $after) {
    cursor
    message {
      ...InboxMessage
    }
  }
}
    fragment InboxMessage on Message {
  id
  phoneNumber
  phoneNumberId
  senderNumber
  messageContent
  messageType
  receivedAt
  isRead
  otp {
    code
    service
  }
  media {
    url
    contentType
  }
}`),Fo=new _(`
    mutation MarkMessageRead($input: MarkMessageReadInput!) {
  markMessageRead(input: $input) {
    message {
      id
      isRead
    }
  }
}
    `),Bo=new _(`
    mutation MarkAllMessagesRead($input: MarkAllMessagesReadInput!) {
  markAllMessagesRead(input: $input) {
    markedCount
  }
}
    `),Ko=new _(`
    mutation DeleteMessage($input: DeleteMessageInput!) {
  deleteMessage(input: $input) {
    deletedMessageId
  }
}
    `),qo=new _(`
    query Numbers {
  phoneNumbers(filter: {mine: true}, first: 100) {
    nodes {
      ...RentedNumber
    }
  }
  countries {
    code
    availableCount
  }
}
    fragment RentedNumber on PhoneNumber {
  id
  phoneNumber
  countryCode
  status
  assignedAt
  expiresAt
  label
  isGranted
}`),Wo=new _(`
    subscription PhoneNumberUpdated {
  phoneNumberUpdated {
    ...RentedNumber
  }
}
    fragment RentedNumber on PhoneNumber {
  id
  phoneNumber
  countryCode
  status
  assignedAt
  expiresAt
  label
  isGranted
}`),Go=new _(`
    mutation AssignPhoneNumber($input: AssignPhoneNumberInput!) {
  assignPhoneNumber(input: $input) {
    phoneNumber {
      ...RentedNumber
    }
  }
}
    fragment RentedNumber on PhoneNumber {
  id
  phoneNumber
  countryCode
  status
  assignedAt
  expiresAt
  label
  isGranted
}`),Ho=new _(`
    mutation ExtendPhoneNumber($input: ExtendPhoneNumberInput!) {
  extendPhoneNumber(input: $input) {
    phoneNumber {
      ...RentedNumber
    }
  }
}
    fragment RentedNumber on PhoneNumber {
  id
  phoneNumber
  countryCode
  status
  assignedAt
  expiresAt
  label
  isGranted
}`),Qo=new _(`
    mutation ReleasePhoneNumber($input: ReleasePhoneNumberInput!) {
  releasePhoneNumber(input: $input) {
    phoneNumber {
      ...RentedNumber
    }
  }
}
    fragment RentedNumber on PhoneNumber {
  id
  phoneNumber
  countryCode
  status
  assignedAt
  expiresAt
  label
  isGranted
}`),jo=new _(`
    mutation LabelPhoneNumber($input: LabelPhoneNumberInput!) {
  labelPhoneNumber(input: $input) {
    phoneNumber {
      ...RentedNumber
    }
  }
}
    fragment RentedNumber on PhoneNumber {
  id
  phoneNumber
  countryCode
  status
  assignedAt
  expiresAt
  label
  isGranted
}`);function Yo(e,t){let r=Math.min(250*2**e,15e3);return Math.round(r/2+r/2*t)}function Hn(e){let{latestCursor:t,nodes:r,pageInfo:o}=e;return{messages:r,cursor:t,older:o.hasNextPage?o.endCursor:null}}function Qn(e,t){let r=t.at(-1);if(!r)return e;let o=Xo(e.messages,t.map(({message:s})=>s)).reverse();return{...e,messages:[...o,...e.messages],cursor:r.cursor}}function zo(e,t){let{nodes:r,pageInfo:o}=t;return{...e,messages:[...e.messages,...Xo(e.messages,r)],older:o.hasNextPage?o.endCursor:null}}function Jo(e,t,r){return Qn({...Hn(t),cursor:e.cursor},r)}function jn(e,t){let r=({id:s})=>t==="all"||t.has(s),o=e.messages.map(s=>!s.isRead&&r(s)?{...s,isRead:!0}:s);return{...e,messages:o}}function Yn(e,t){return{...e,messages:e.messages.filter(r=>r.id!==t)}}function Xo(e,t){let r=new Set(e.map(({id:o})=>o));return t.filter(({id:o})=>!r.has(o)&&r.add(o))}var Se={text:"",phoneNumberId:"",service:"",sender:"",type:"",unread:!1};function nt(e){return Object.values(e).some(Boolean)}function Xt(e){return e.normalize("NFKD").replace(/\p{M}/gu,"").toLowerCase()}function Zo(e){let t=Xt(e.text).split(/\s+/).filter(Boolean),r=(o,s)=>!o||Xt(o)===Xt(s??"");return o=>{if(e.unread&&o.isRead||e.type&&o.messageType!==e.type||e.phoneNumberId&&o.phoneNumberId!==e.phoneNumberId||!r(e.service,o.otp?.service)||!r(e.sender,o.senderNumber))return!1;if(t.length===0)return!0;let{messageContent:s,senderNumber:i,phoneNumber:a,otp:u}=o,l=Xt([s,i,a,u?.code,u?.service].join(`
`));return t.every(d=>l.includes(d))}}function es(e){let t=r=>[...new Set(r)].filter(o=>o!=null&&o!=="").sort((o,s)=>o.localeCompare(s));return{services:t(e.map(({otp:r})=>r?.service)),senders:t(e.map(({senderNumber:r})=>r))}}var ns=100,$i=5,rs=6e4,Ui=16,P=U(null),be=U(null),Jn=U([]),Ve=U("connecting"),Nt=U(!1),Q=U(Se),Qe=U(!1),rn=U([]),At=pe(()=>P.value?.messages.filter(Zo(Q.value))??[]),je=pe(()=>P.value?.messages.reduce((e,{isRead:t})=>e+(t?0:1),0)??0),on=pe(()=>{let e=new Map;for(let{isRead:t,phoneNumberId:r}of P.value?.messages??[])t||e.set(r,(e.get(r)??0)+1);return e}),Xn=new BroadcastChannel("otpwire-inbox"),tn=null,Et=null,zn=()=>{},kt=[],en=null,os=0,St=null;function ss(){Zn(),tn=new AbortController;let{signal:e}=tn;addEventListener("online",ls,{signal:e}),addEventListener("offline",()=>Ve.value="offline",{signal:e}),document.addEventListener("visibilitychange",Wi,{signal:e}),Xn.onmessage=({data:t})=>{P.value&&(P.value=t.type==="deleted"?Yn(P.value,t.id):jn(P.value,t.ids==="all"?"all":new Set(t.ids)))},Vi(e)}function Zn(){tn?.abort(),tn=null,Et?.close(),kt=[],Xn.onmessage=null,$e(()=>{P.value=null,be.value=null,Ve.value="connecting",Nt.value=!1,Q.value=Se})}async function Vi(e){for(let t=0;!e.aborted;){let r={time:0},o=await Fi(e,r).catch(s=>s);if(e.aborted)return;switch(r.time&&Date.now()-r.time>2e3&&(t=0),Ve.value=navigator.onLine?"waiting":"offline",o?.code){case"CURSOR_EXPIRED":$e(()=>{Nt.value=!0,P.value=null});continue;case"TOKEN_EXPIRED":case"SESSION_ENDED":case"UNAUTHENTICATED":if(await He().catch(()=>"")===null)return}await qi(Yo(t++,Math.random()),e)}}async function Fi(e,t){if(Ve.value="connecting",P.value||(P.value=Hn(await as())),e.aborted)return null;let r={document:Vo,variables:{after:is()},next:({messageReceived:a})=>a&&Bi(a)},s=ro([r,{document:Wo,next:({phoneNumberUpdated:a})=>{a&&rt(a),nn().catch(()=>{})}}],()=>{t.time=Date.now(),Ve.value="live",nn().catch(()=>{})});Et=s,e.addEventListener("abort",s.close);let i=await s.ended;return e.removeEventListener("abort",s.close),s.close(),sn(),i}function is(){return kt.at(-1)?.cursor??P.value?.cursor??""}function Bi(e){kt.push(e),St?.push(e),en??=setTimeout(sn,Math.max(0,os+Ui-performance.now()))}function sn(){en!==null&&clearTimeout(en),en=null;let e=kt;if(e.length===0||!P.value)return;kt=[],os=performance.now();let t=P.value.messages.length,r=Qn(P.value,e);$e(()=>{P.value=r,rn.value=r.messages.slice(0,r.messages.length-t)})}async function as(){let{messages:e}=await w(Gn,{first:ns});if(!e)throw new Error("the list has no page");return e}async function Ki(){if(!(!P.value||St)){St=[];try{let e=await as();sn(),P.value&&(P.value=Jo(P.value,e,St))}finally{St=null}}}async function er(){let e=P.value?.older;if(!(!e||Qe.value)){Qe.value=!0;try{let{messages:t}=await w(Gn,{first:ns,after:e});t&&P.value?.older===e&&(P.value=zo(P.value,t))}finally{Qe.value=!1}}}var Zt={search:Se,pages:0};he(()=>{Q.value!==Zt.search&&(Zt={search:Q.value,pages:0}),nt(Q.value)&&At.value.length<20&&P.value?.older&&!Qe.value&&Zt.pages<$i&&(Zt.pages+=1,er().catch(()=>{}))});async function nn(){let e=await w(qo);$e(()=>{be.value=e.phoneNumbers?.nodes??[],Jn.value=e.countries??[]})}function rt(e){let t=be.value?.filter(({id:o})=>o!==e.id)??[],r=e.status==="ASSIGNED"&&(e.expiresAt!==null||e.isGranted);be.value=r?[...t,e].sort((o,s)=>o.phoneNumber.localeCompare(s.phoneNumber)):t}async function ot(e){e.isRead||!P.value||(tr({type:"read",ids:[e.id]}),await w(Fo,{input:{messageId:e.id}}))}async function us(){sn(),await w(Bo,{input:{upTo:is()}}),tr({type:"read",ids:"all"})}async function an(e){await w(Ko,{input:{messageId:e.id}}),tr({type:"deleted",id:e.id})}function tr(e){Xn.postMessage(e),P.value&&(P.value=e.type==="deleted"?Yn(P.value,e.id):jn(P.value,e.ids==="all"?"all":new Set(e.ids)))}function qi(e,t){return new Promise(r=>{let o=setTimeout(s,e);function s(){clearTimeout(o),t.removeEventListener("abort",s),zn=()=>{},r()}zn=s,t.addEventListener("abort",s)})}function ls(){zn(),Et&&Date.now()-Et.heardAt()>rs/2&&Et.close()}var ts=0;function Wi(){if(document.hidden){ts=Date.now();return}ls(),Date.now()-ts>rs&&Ki().catch(()=>{})}var Ee=U(location.pathname);addEventListener("popstate",()=>Ee.value=location.pathname);function Ie(e,{replace:t=!1}={}){e!==location.pathname+location.search&&(history[t?"replaceState":"pushState"](null,"",e),Ee.value=location.pathname,scrollTo(0,0))}function cs(){document.addEventListener("click",e=>{let t=e.target instanceof Element?e.target.closest("a"):null,r=!e.defaultPrevented&&e.button===0&&!(e.metaKey||e.ctrlKey||e.shiftKey||e.altKey);!t||!r||t.target||t.origin!==location.origin||!Qi(t.pathname)||(e.preventDefault(),Ie(t.pathname+t.search))})}var Hi=["/","/numbers","/account","/sign-in","/register","/verify-email","/forgot-password","/reset-password","/console","/console/providers","/console/numbers","/console/messages","/console/users","/console/audit","/console/patterns","/console/invitations","/console/blocked-senders"];function Qi(e){return Hi.includes(e)||/^\/console\/providers\/[^/]+$/.test(e)}var ds=pe(()=>Ee.value.split("/").filter(Boolean));function st(e){let r=new URLSearchParams(location.hash.slice(1)).get(e);return r!==null&&history.replaceState(null,"",location.pathname+location.search),r}var ji=Symbol.for("pv"),Yi=0;function n(e,t,r,o,s,i){t||(t={});var a,u,l=t;if("ref"in l&&typeof e!="function")for(u in l={},t)u=="ref"?a=t[u]:l[u]=t[u];var d={type:e,props:l,key:r,ref:a,__k:null,__:null,__b:0,__e:null,__c:null,constructor:ji,__v:--Yi,__i:-1,__u:0};return(s||i)&&(d.__source=s,d.__self=i),A.vnode&&A.vnode(d),d}var Pt=U([]),zi=0;function C(e,{isError:t=!1}={}){let r=++zi;Pt.value=[...Pt.value.slice(-2),{id:r,text:e,isError:t}],setTimeout(()=>Pt.value=Pt.value.filter(o=>o.id!==r),t?9e3:4500)}function M(e){C(le(e instanceof Error?e.message:String(e)),{isError:!0})}function le(e){let t=e.charAt(0).toUpperCase()+e.slice(1);return/[.!?…]$/.test(t)?t:`${t}.`}function ps(){return n("div",{class:"toasts",role:"status","aria-live":"polite",children:Pt.value.map(({id:e,text:t,isError:r})=>n("p",{class:r?"toast error":"toast",children:t},e))})}var j=U(void 0);async function ms(){let e=st("sign-in");if(Jr(t=>{switch(t){case"signed-in":un();break;case"changed-elsewhere":location.reload();break;case"signed-out":j.value&&C("You are signed out."),Zn(),j.value=null}}),e)try{await xt({sign_in_token:e});return}catch{}for(let t=250;;t=Math.min(t*2,1e4))try{await He()===null?(j.value=null,e&&C("That link was used before, or is too old. Sign in instead.")):await un();return}catch{await new Promise(r=>setTimeout(r,t))}}async function un(){let e=j.value,{viewer:t}=await w(oo);j.value=t,t&&e?.id!==t.id&&(ss(),["/sign-in","/register","/forgot-password"].includes(location.pathname)&&Ie("/",{replace:!0}))}function ie(e,t){let[r,o]=g({data:null,error:null,isLoading:!0}),s=Je(0),i=JSON.stringify(t),a=ft(async()=>{let u=++s.current;o(l=>({...l,isLoading:!0}));try{let l=await w(e,JSON.parse(i));u===s.current&&o({data:l,error:null,isLoading:!1})}catch(l){u===s.current&&o(d=>({...d,error:l,isLoading:!1}))}},[e,i]);return ee(()=>(a(),()=>{s.current++}),[a]),{...r,reload:a}}var fs=50;function te(e,t,r){let o=ie(e,{...t,first:fs}),[s,i]=g({of:null,pages:[]}),[a,u]=g(!1),[l,d]=g(null),c=o.data&&r(o.data),f=c?[c,...s.of===o.data?s.pages:[]]:[],m=f.at(-1),p=async()=>{if(!(!m?.pageInfo.endCursor||a)){u(!0);try{let h=await w(e,{...t,first:fs,after:m.pageInfo.endCursor}),b=r(h);b&&i({of:o.data,pages:[...f.slice(1),b]}),d(null)}catch(h){d(h)}finally{u(!1)}}};return{nodes:f.flatMap(({nodes:h})=>h),totalCount:c?.totalCount??null,hasMore:m?.pageInfo.hasNextPage??!1,more:()=>{p()},error:l??o.error,isLoading:o.isLoading||a,reload:o.reload}}function ne({list:e,children:t}){return e.error?n("p",{class:"problem",role:"alert",children:[le(e.error.message)," ",n("button",{type:"button",class:"button",onClick:()=>{e.reload()},children:"Try again"})]}):e.nodes.length===0?e.isLoading?n("div",{class:"skeletons","aria-busy":"true",children:[n("i",{}),n("i",{})]}):n("div",{class:"empty",children:t}):e.hasMore?n("p",{class:"more",children:n("button",{type:"button",class:"button",disabled:e.isLoading,onClick:e.more,children:"Show more"})}):null}var gs=Object.assign;function Xi(e,t){for(var r in e)if(r!="__source"&&e[r]!==t[r])return!0;for(var o in t)if(o!="__source"&&!(o in e))return!0;return!1}var Zi=/^(-|f[lo].*[^se]$|g.{5,}[^ps]$|z|o[pr]|(W.{5})?[lL]i.*(t|mp)$|an|(bo|s).{4}Im|sca|m.{6}[ds]|ta|c.*[st]$|wido|ini|asp|fill|st)/;function ln(e,t){function r(s){var i=this.props.ref;return i!=s.ref&&i&&(typeof i=="function"?i(null):i.current=null),t?!t(this.props,s)||i!=s.ref:Xi(this.props,s)}function o(s){return this.shouldComponentUpdate=r,ct(e,s)}return o.displayName="Memo("+(e.displayName||e.name)+")",o.prototype.isReactComponent=!0,o.type=e,o}var ea=Symbol.for("react.element"),ta=/^(?:accent|alignment|arabic|baseline|cap|clip(?!PathU)|color|dominant|fill|flood|font|glyph(?!R)|horiz|image(?!S)|letter|lighting|marker(?!H|W|U)|overline|paint|pointer|shape|stop|strikethrough|stroke|text(?!L)|transform|underline|unicode|units|v|vector|vert|word|writing|x(?!C))[A-Z]/,na=/[A-Z0-9]/g,ra=typeof document<"u";var oa=function(e){return/fil|che|rad/.test(e)};xe.prototype.isReactComponent=!0,["componentWillMount","componentWillReceiveProps","componentWillUpdate"].forEach(function(e){Object.defineProperty(xe.prototype,e,{configurable:!0,get:function(){return this["UNSAFE_"+e]},set:function(t){Object.defineProperty(this,e,{configurable:!0,writable:!0,value:t})}})});var hs=A.event;A.event=function(e){return hs&&(e=hs(e)),e.persist=function(){},e.isPropagationStopped=function(){return this.cancelBubble},e.isDefaultPrevented=function(){return this.defaultPrevented},e.nativeEvent=e};var sa={configurable:!0,get:function(){return this.class}},bs=A.vnode;A.vnode=function(e){if(typeof e.type=="string")(function(o){var s=o.props,i=o.type,a={},u=i.indexOf("-")==-1;for(var l in s){var d=s[l];if(!(l=="value"&&"defaultValue"in s&&d==null||ra&&l=="children"&&i=="noscript"||l=="class"||l=="className")){if(l=="style"&&d&&d.constructor==Object){var c=void 0;for(var f in d)typeof d[f]!="number"||Zi.test(f)||(c||(c=d=gs({},d)),d[f]+="px")}else if(l=="defaultValue"&&"value"in s&&s.value==null)l="value";else if(l=="download"&&d===!0)d="";else if(l=="translate"&&d==="no")d=!1;else if(l[0]=="o"&&l[1]=="n"){var m=l.toLowerCase();m=="ondoubleclick"?l="ondblclick":m!="onchange"||i!="input"&&i!="textarea"||oa(s.type)?m=="onfocus"?l="onfocusin":m=="onblur"&&(l="onfocusout"):m=l="oninput",m=="oninput"&&a[l=m]&&(l="oninputCapture")}else u&&ta.test(l)?l=l.replace(na,"-$&").toLowerCase():d===null&&(d=void 0);a[l]=d}}if(i=="select"){var p=a.defaultValue!=null?a.defaultValue:a.multiple&&Array.isArray(a.value)?a.value:null;p!=null&&(a.value=kn(s.children).forEach(function(h){h.props.selected=a.multiple?p.indexOf(h.props.value)!=-1:p==h.props.value}))}s.class&&!s.className?(a.class=s.class,Object.defineProperty(a,"className",sa)):s.className&&(a.class=a.className=s.className),o.props=a})(e);else if(typeof e.type=="function"&&("ref"in e.props&&"prototype"in e.type&&e.type.prototype.render&&(e.ref=e.props.ref,delete e.props.ref),e.type.defaultProps)){var t=gs({},e.props);for(var r in e.type.defaultProps)t[r]===void 0&&(t[r]=e.type.defaultProps[r]);e.props=t}e.ref&&!("ref"in e.props)&&Object.defineProperty(e.props,"ref",{value:e.ref,configurable:!0,writable:!0}),e.$$typeof=ea,bs&&bs(e)};var ke=U(Date.now()),Ct=U(ke.value);setInterval(()=>{ke.value=Date.now(),ke.value-Ct.value>=1e4&&(Ct.value=ke.value)},1e3);var cn=new Intl.RelativeTimeFormat("en",{numeric:"always",style:"narrow"}),ia=new Intl.DateTimeFormat("en",{dateStyle:"medium",timeStyle:"medium"});function ys(e,t){let r=Math.max(0,Math.round((t-Date.parse(e))/1e3));return r<5?"now":r<60?cn.format(-r,"second"):r<3600?cn.format(-Math.floor(r/60),"minute"):r<86400?cn.format(-Math.floor(r/3600),"hour"):cn.format(-Math.floor(r/86400),"day")}function vs(e,t){let r=Math.max(0,Math.floor((Date.parse(e)-t)/1e3)),o=a=>String(a).padStart(2,"0"),[s,i]=[Math.floor(r/3600),Math.floor(r/60)%60];return s>0?`${s} h ${o(i)} min`:`${i}:${o(r%60)}`}function nr(e){return ia.format(new Date(e))}var aa=9e4,K=ln(({time:e})=>{let[t,r]=Le(()=>{let o=pe(()=>Ct.value-Date.parse(e)<aa);return[nr(e),pe(()=>ys(e,o.value?ke.value:Ct.value))]},[e]);return n("time",{dateTime:e,title:t,children:r})});function dn({until:e}){let t=Date.parse(e)-ke.value<3e5;return n("time",{dateTime:e,title:`until ${nr(e)}`,class:t?"soon":void 0,children:vs(e,ke.value)})}function re({caption:e,rows:t,columns:r,keyOf:o}){return t.length===0?null:n("table",{children:[n("caption",{class:"off-screen",children:e}),n("thead",{children:n("tr",{children:r.map(([s])=>n("th",{scope:"col",children:s||n("span",{class:"off-screen",children:"Actions"})},s))})}),n("tbody",{children:t.map(s=>n("tr",{children:r.map(([i,a])=>n("td",{"data-column":i,children:n("div",{children:a(s)})},i))},o(s)))})]})}function pn(e){return Array.isArray(e)?e.map(pn).join(", "):e!==null&&typeof e=="object"?Object.entries(e).map(([t,r])=>`${ae(t)}: ${pn(r)}`).join("; "):e===null?"none":String(e)}function ae(e){return e.toLowerCase().replaceAll("_"," ")}var ua=["USER_CREATED","USER_UPDATED","INVITATION_CREATED","INVITATION_REVOKED","INVITATION_USED","PASSWORD_CHANGED","API_KEY_CREATED","API_KEY_REVOKED","PROVIDER_CREATED","PROVIDER_UPDATED","SECRETS_RESEALED","NUMBER_RELEASED","SENDER_BLOCKED","SENDER_UNBLOCKED","NUMBERS_IMPORTED","NUMBER_STATUS_SET","NUMBER_GRANTED","NUMBER_GRANT_ENDED","OTP_PATTERN_CREATED","OTP_PATTERN_UPDATED","OTP_PATTERN_DELETED","SMS_SIMULATED"];function _s(){let[e,t]=g(""),r=te(Ao,{filter:e?{action:e}:{}},({auditLog:o})=>o);return n(y,{children:[n("div",{class:"title",children:n("h1",{children:"Audit log"})}),n("div",{class:"filters",children:n("label",{class:"choice",children:[n("span",{children:"What was done"}),n("select",{value:e,onChange:o=>t(o.currentTarget.value),children:[n("option",{value:"",children:"Everything"}),ua.map(o=>n("option",{value:o,children:ae(o)},o))]})]})}),n(re,{caption:"Audit log, newest first",rows:r.nodes,keyOf:({id:o})=>o,columns:[["When",({createdAt:o})=>n(K,{time:o})],["Who",({actor:o})=>o?.email??"the operator, or a mail"],["What",({action:o})=>ae(o)],["To what",({target:o})=>o?n("code",{children:o}):"\u2013"],["Details",({details:o})=>n("bdi",{children:pn(o)||"\u2013"})]]}),n(ne,{list:r,children:[n("h2",{children:"Nothing yet"}),n("p",{children:"What administrators change is listed here for a year."})]})]})}var la={inbox:"M4 13l2.5-7.5A2 2 0 0 1 8.4 4h7.2a2 2 0 0 1 1.9 1.5L20 13v5a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2zM4 13h5l1.5 3h3L15 13h5",numbers:"M9 3h6a2 2 0 0 1 2 2v14a2 2 0 0 1-2 2H9a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2zM11 18h2",console:"M4 5h16v14H4zM8 10l3 2.5L8 15M13 15h4",account:"M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20a7.5 7.5 0 0 1 15 0",copy:"M9 9h10v11H9zM5 15V4h10",check:"M5 12.5l4.5 4.5L19 7.5",trash:"M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",search:"M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l4.5 4.5",plus:"M12 5v14M5 12h14",bell:"M6 16V11a6 6 0 0 1 12 0v5l1.5 2h-15zM10 21h4",bellOff:"M6 16V11a6 6 0 0 1 9-5.2M18 11v5l1.5 2h-15M10 21h4M4 4l16 16",down:"M6 9l6 6 6-6",close:"M6 6l12 12M18 6L6 18",clock:"M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3.5 2",link:"M10 14l4-4M8.5 11.5l-2 2a3.5 3.5 0 0 0 5 5l2-2M15.5 12.5l2-2a3.5 3.5 0 0 0-5-5l-2 2",keyboard:"M3 6h18v12H3zM7 10h.01M11 10h.01M15 10h.01M17 14h.01M7 14h.01M10 14h4",note:"M5 4h14v11l-5 5H5zM14 20v-5h5"};function Y({name:e}){return n("svg",{class:"icon",viewBox:"0 0 24 24","aria-hidden":"true",children:n("path",{d:la[e]})})}function L({title:e,onClose:t,children:r}){let o=Je(null),s=gt();return ee(()=>{let i=o.current;return i?.showModal(),()=>i?.close()},[]),n("dialog",{ref:o,"aria-labelledby":s,onClose:t,onClick:i=>i.target===o.current&&o.current?.close(),children:n("div",{class:"dialog",children:[n("header",{children:[n("h2",{id:s,children:e}),n("button",{type:"button",class:"button quiet square","aria-label":"Close",onClick:()=>o.current?.close(),children:n(Y,{name:"close"})})]}),r]})})}var ws=Ut({problem:null,fields:new Set}),ca=e=>e.replace(/^input\./,"").replace(/_([a-z])/g,(t,r)=>r.toUpperCase());function D({submit:e,onSubmit:t,children:r,aside:o,class:s="form"}){let[i,a]=g(null),[u,l]=g(!1),[d]=g(()=>new Set),c=async f=>{if(f.preventDefault(),u)return;let m=f.currentTarget,p={};for(let[h,b]of new FormData(m))typeof b=="string"&&(p[h]=b);l(!0),a(null);try{await t(p)}catch(h){let b=h.field,v=b===void 0?void 0:[...d].find(S=>S===b||S===ca(b)),E=le(h instanceof Error?h.message:String(h));a({field:v,message:v||b===void 0?E:le(`${b} ${E}`)}),v&&m.querySelector(`[name="${v}"]`)?.focus()}finally{l(!1)}};return n(ws.Provider,{value:{problem:i,fields:d},children:n("form",{class:s,onSubmit:c,noValidate:!0,children:[r,i&&!i.field&&n("p",{class:"problem",role:"alert",children:i.message}),n("div",{class:"actions",children:[n("button",{type:"submit",class:"button primary",disabled:u,children:u?"One moment\u2026":e}),o]})]})})}function x({label:e,name:t,hint:r,children:o,...s}){let{problem:i,fields:a}=Dn(ws);a.add(t);let u=gt(),l=i?.field===t?i.message:null,d=[l&&`${u}-problem`,r&&`${u}-hint`].filter(Boolean).join(" "),c={id:u,name:t,...d&&{"aria-describedby":d},...l&&{"aria-invalid":!0}};return n("div",{class:"field",children:[n("label",{for:u,children:e}),o?o(c):n("input",{type:"text",...s,...c}),l&&n("p",{class:"problem",id:`${u}-problem`,role:"alert",children:l}),r&&n("p",{class:"hint",id:`${u}-hint`,children:r})]})}function xs(){let e=te(Lo,{},({blockedSenders:i})=>i),[t,r]=g(!1),o=i=>w(Uo,{input:{blockedSenderId:i}}).then(e.reload,M),s=async({sender:i="",note:a=""})=>{await w($o,{input:{sender:i,note:a||null}}),C("Messages from now on are refused."),r(!1),await e.reload()};return n(y,{children:[n("div",{class:"title",children:[n("h1",{children:"Blocked senders"}),n("button",{type:"button",class:"button primary",onClick:()=>r(!0),children:"Block a sender"})]}),n("p",{class:"meta",children:"Their messages are not stored. \u201CWhere is my SMS?\u201D shows that they were refused."}),n(re,{caption:"Blocked senders, newest first",rows:e.nodes,keyOf:({id:i})=>i,columns:[["Sender",({sender:i})=>n("bdi",{children:i})],["Why",({note:i})=>n("bdi",{children:i??"\u2013"})],["By",({createdBy:i})=>n("bdi",{children:i?.email??"the operator"})],["Since",({createdAt:i})=>n(K,{time:i})],["",({id:i,sender:a})=>n("span",{class:"actions",children:n("button",{type:"button",class:"button quiet","aria-label":`Unblock ${a}`,onClick:()=>o(i),children:"Unblock"})})]]}),n(ne,{list:e,children:[n("h2",{children:"Nobody"}),n("p",{children:"Messages of every sender are received."})]}),t&&n(L,{title:"Block a sender",onClose:()=>r(!1),children:n(D,{submit:"Block",onSubmit:s,children:[n(x,{label:"Sender",name:"sender",hint:n(y,{children:["A name or a number. With an asterisk at its end, every sender that begins so: ",n("code",{children:"+4490*"}),"."]})}),n(x,{label:"Why (optional)",name:"note"})]})})]})}var Ss=document.querySelector('meta[name="registration"]'),Fe=Ss?.content??"open",rr=Ss?.dataset.domains?.split(" ").filter(Boolean)??[];async function or(e){try{return await navigator.clipboard.writeText(e),!0}catch{let t=document.createElement("textarea");t.value=e,t.className="off-screen",document.body.append(t),t.select();let r=document.execCommand("copy");return t.remove(),r||C("This browser does not let pages copy; select the text instead.",{isError:!0}),r}}function z({text:e,what:t,label:r,onCopied:o,...s}){let[i,a]=g(!1);ee(()=>{if(!i)return;let l=setTimeout(()=>a(!1),1600);return()=>clearTimeout(l)},[i]);let u=async()=>{await or(e)&&(a(!0),o?.())};return n("button",{type:"button",class:`button copy ${i?"copied":""} ${s.class??""}`,"aria-label":`Copy ${t}`,title:`Copy ${t}`,onClick:u,children:[n(Y,{name:i?"check":"copy"}),r&&n("span",{children:i?"Copied":r})]})}function Es(){let e=te(To,{},({invitations:s})=>s),[t,r]=g(!1),o=s=>w(Oo,{input:{invitationId:s}}).then(e.reload,M);return n(y,{children:[n("div",{class:"title",children:[n("h1",{children:"Invitations"}),Fe!=="closed"&&n("button",{type:"button",class:"button primary",onClick:()=>r(!0),children:"Invite somebody"})]}),n("p",{class:"meta",children:{open:"Everybody can make an account here. An invitation can give it a plan.",invite:"Accounts are made by invitation. Each is good once.",closed:"Registration is closed, also to those who are invited. The operator makes the accounts."}[Fe]}),n(re,{caption:"Invitations, newest first",rows:e.nodes,keyOf:({id:s})=>s,columns:[["For",({email:s,isMailed:i})=>n(y,{children:[n("bdi",{children:s??"whoever has the link"}),i&&" (by mail)"]})],["Plan",({plan:s})=>ae(s)],["State",({status:s,usedBy:i})=>i?n(y,{children:["Used by ",n("bdi",{children:i.email})]}):ae(s)],["Made",({createdAt:s})=>n(K,{time:s})],["",({id:s,email:i,status:a})=>n("span",{class:"actions",children:n("button",{type:"button",class:"button quiet danger","aria-label":`${a==="PENDING"?"Take back":"Remove"} the invitation ${i??s}`,onClick:()=>o(s),children:a==="PENDING"?"Take back":"Remove"})})]]}),n(ne,{list:e,children:[n("h2",{children:"No invitation"}),n("p",{children:"Invitations are listed until 30 days after their end."})]}),t&&n(da,{onClose:()=>r(!1),onInvited:e.reload})]})}function da({onClose:e,onInvited:t}){let[r,o]=g(null),s=async({email:i="",plan:a="",expiresInDays:u="",sendMail:l=""})=>{let d={email:i||null,plan:a,expiresInDays:u===""?null:Number(u),sendMail:l==="yes"},{createInvitation:c}=await w(Do,{input:d});await t();let f=c?.link??c?.token;if(f)return o(f);C(`The invitation is on its way to ${i}.`),e()};return r?n(L,{title:"The invitation",onClose:e,children:[n("p",{children:"Pass this on. It is good once, and is not shown again."}),n("p",{children:[n("code",{class:"wrap",children:r})," ",n(z,{text:r,what:"the invitation",label:"Copy"})]})]}):n(L,{title:"Invite somebody",onClose:e,children:n(D,{submit:"Invite",onSubmit:s,children:[n(x,{label:"Their e-mail address",name:"email",type:"email",hint:"Then the invitation is good for this address alone. Without it, whoever has the link can use it."}),n("div",{class:"row",children:[n(x,{label:"Plan",name:"plan",children:i=>n("select",{...i,children:[n("option",{value:"FREE",children:"Free"}),n("option",{value:"PREMIUM",children:"Premium"})]})}),n(x,{label:"Good for days",name:"expiresInDays",type:"number",min:1,max:90,defaultValue:"7"}),n(x,{label:"How",name:"sendMail",children:i=>n("select",{...i,children:[n("option",{value:"",children:"Show me the link"}),n("option",{value:"yes",children:"Send them a mail"})]})})]})]})})}var pa=new Intl.DisplayNames("en",{type:"region"});function Ne(e){try{return pa.of(e)??e}catch{return e}}var ma=/^\+(1|7|2(?:0|7)|3(?:[0-4]|6|9)|4(?:[013-9])|5(?:[1-8])|6(?:[0-6])|8(?:[1246])|9(?:[0-58])|\d{3})(\d+)$/;function F(e){let[,t,r]=ma.exec(e)??[];if(!t||!r)return e;let o=r.slice(0,-4),s=r.length<=4?[r]:[...o.match(o.length%3===1?/^.{4}|.{1,3}/g:/.{1,3}/g)??[],r.slice(-4)];return`+${t} ${s.join(" ")}`}var fa={RECEIVED:"in its renter's inbox",QUARANTINED:"kept, and nobody\u2019s: the number had no renter",UNROUTABLE:"the number is not ours, or not this provider\u2019s",DUPLICATE:"had arrived before",HELD:"waits for its other parts",BLOCKED:"refused: its sender is blocked",FAILED:"could not be read or stored"};function ks(){let[e,t]=g(""),[r,o]=g(""),[s,i]=g(""),[a,u]=g(""),[l,d]=g({}),c=te(Eo,{filter:l},({deliveryReports:m})=>m);return n(y,{children:[n("div",{class:"title",children:n("h1",{children:"Where is my SMS?"})}),n("form",{class:"filters",onSubmit:m=>{m.preventDefault();let p=e.replace(/[\s().-]/g,"");d({...p&&{phoneNumber:p},...r.trim()&&{providerMessageId:r.trim()},...s&&{since:new Date(s).toISOString()},...a&&{until:new Date(a).toISOString()}})},children:[n("label",{class:"choice",children:[n("span",{children:"Sent to"}),n("input",{type:"text",inputMode:"tel",placeholder:"+14155550100",value:e,onInput:m=>t(m.currentTarget.value)})]}),n("label",{class:"choice",children:[n("span",{children:"The provider's id"}),n("input",{type:"text",value:r,onInput:m=>o(m.currentTarget.value)})]}),n("label",{class:"choice",children:[n("span",{children:"From"}),n("input",{type:"datetime-local",value:s,onInput:m=>i(m.currentTarget.value)})]}),n("label",{class:"choice",children:[n("span",{children:"To"}),n("input",{type:"datetime-local",value:a,onInput:m=>u(m.currentTarget.value)})]}),n("button",{type:"submit",class:"button primary",children:"Look"})]}),n(re,{caption:"Delivery reports, newest first",rows:c.nodes,keyOf:({id:m})=>m,columns:[["When",({createdAt:m})=>n(K,{time:m})],["Sent to",({phoneNumber:m})=>m?n("bdi",{children:F(m)}):"unknown"],["Provider",({provider:m})=>m?n("a",{href:`/console/providers/${m.id}`,children:m.name}):"\u2013"],["Its id",({providerMessageId:m})=>n("code",{class:"clip",children:m??"\u2013"})],["What became of it",({status:m,kind:p,errorMessage:h,retryCount:b,providerStatus:v,payload:E})=>n(y,{children:[n("span",{class:`tag ${m.toLowerCase()}`,children:ae(m)})," ",h??(p==="MESSAGE"?fa[m]:`status callback${v?`: ${v}`:""}`),b>0&&` \xB7 repeated ${b} times`,E!==null&&n("details",{children:[n("summary",{children:"What the provider posted"}),n("pre",{tabIndex:0,children:JSON.stringify(E,null,2)})]})]})]]}),n(ne,{list:c,children:[n("h2",{children:"No report"}),n("p",{children:Object.keys(l).length>0?"No verified webhook fits. Requests that could not be verified leave none: see the refusals of the provider.":"No webhook has come yet."})]})]})}function Ns(e){let t=[],r=[],o=new Map;return e.replace(/^\uFEFF/,"").split(/\r\n|\r|\n/).forEach((s,i)=>{let a=i+1,[u="",l="",...d]=s.split(/[,;\t]/).map(h=>h.trim().replace(/^"(.*)"$/s,"$1").trim());if(s.trim()===""||s.trimStart().startsWith("#")||t.length+r.length===0&&/^[a-z][a-z _]*$/i.test(u))return;let c=u.replace(/[\s().-]/g,"").replace(/^00/,"+"),f=l.toUpperCase()||null,m=h=>{r.push({line:a,text:s.trim().slice(0,60),reason:h})};if(d.some(Boolean))return m("has more than a number and a country");if(!/^\+?\d+$/.test(c))return m("is not a number: write it as +14155550100, or a short code as 12345");if(c.startsWith("+")&&!/^\+[1-9]\d{6,14}$/.test(c))return m("has too few or too many digits for an international number");if(!c.startsWith("+")&&!f)return m("is a short code, which needs its country, as in 12345,US; other numbers begin with +");if(f&&!/^[A-Z]{2}$/.test(f))return m("has a country that is not two letters, such as US");let p=o.get(c);if(p!==void 0)return m(`is the same as line ${p}`);o.set(c,a),t.push({line:a,phoneNumber:c,countryCode:f})}),{lines:t,bad:r}}var ga=["AVAILABLE","ASSIGNED","EXPIRED","BLOCKED"],Ps={AVAILABLE:"free",ASSIGNED:"rented",EXPIRED:"cools down",BLOCKED:"blocked"};function Rs(){let[e,t]=g(""),[r,o]=g(""),s={...e&&{status:e},...r.length===2&&{countryCode:r}},i=te(Jt,{filter:s},({phoneNumbers:d})=>d),[a,u]=g(!1),l=(d,c)=>w(So,{input:{phoneNumberId:d,status:c}}).then(i.reload,M);return n(y,{children:[n("div",{class:"title",children:[n("h1",{children:"Numbers"}),n("button",{type:"button",class:"button primary",onClick:()=>u(!0),children:"Import numbers"})]}),n("div",{class:"filters",children:[n("label",{class:"choice",children:[n("span",{children:"Status"}),n("select",{value:e,onChange:d=>t(d.currentTarget.value),children:[n("option",{value:"",children:"Every status"}),ga.map(d=>n("option",{value:d,children:Ps[d]},d))]})]}),n("label",{class:"choice",children:[n("span",{children:"Country"}),n("input",{type:"text",maxLength:2,placeholder:"US",value:r,onInput:d=>o(d.currentTarget.value.toUpperCase())})]}),i.totalCount!==null&&n("p",{class:"meta",children:i.totalCount===1?"1 number":`${i.totalCount} numbers`})]}),n(re,{caption:"Numbers",rows:i.nodes,keyOf:({id:d})=>d,columns:[["Number",({phoneNumber:d})=>n("bdi",{children:F(d)})],["Country",({countryCode:d})=>Ne(d)],["Provider",({provider:d})=>d?n("a",{href:`/console/providers/${d.id}`,children:d.name}):"none"],["Status",({status:d})=>n("span",{class:`tag ${d.toLowerCase()}`,children:Ps[d]})],["Renter",({renter:d})=>d?.email??"\u2013"],["",({id:d,status:c,phoneNumber:f})=>c==="BLOCKED"?n("button",{type:"button",class:"button","aria-label":`Unblock ${F(f)}`,onClick:()=>l(d,"AVAILABLE"),children:"Unblock"}):n(ha,{number:F(f),isRented:c==="ASSIGNED",onBlock:()=>l(d,"BLOCKED")})]]}),n(ne,{list:i,children:[n("h2",{children:"No numbers"}),n("p",{children:"Import those that a provider gives you, or look for others."})]}),a&&n(ba,{onClose:()=>u(!1),onImported:i.reload})]})}function ha({number:e,isRented:t,onBlock:r}){let[o,s]=g(!1);return n(y,{children:[n("button",{type:"button",class:"button quiet danger","aria-label":`Block ${e}`,onClick:()=>s(!0),children:"Block"}),o&&n(L,{title:`Block ${e}?`,onClose:()=>s(!1),children:[n("p",{children:["Nobody can rent it until it is unblocked.",t&&" Whoever rents it now loses it at once."]}),n("div",{class:"actions",children:n("button",{type:"button",class:"button danger",onClick:()=>{r().then(()=>s(!1))},children:"Block the number"})})]})]})}function ba({onClose:e,onImported:t}){let{data:r}=ie(tt,{first:100}),[o,s]=g(""),[i,a]=g(null),{lines:u,bad:l}=Ns(o),d=async f=>f&&s(await f.text()),c=async({providerId:f=""})=>{if(!f)throw Object.assign(new Error("Choose one"),{field:"providerId"});if(u.length===0)throw Object.assign(new Error("There is no number to import"),{field:"numbers"});let m={added:0,known:0,bad:[...l]};for(let p=0;p<u.length;p+=1e3){let h=u.slice(p,p+1e3),b=h.map(({phoneNumber:E,countryCode:S})=>({phoneNumber:E,countryCode:S})),{importPhoneNumbers:v}=await w(xo,{input:{providerId:f,numbers:b}});if(v){m.added+=v.addedIds.length,m.known+=v.knownCount;for(let{index:E,message:S}of v.rejected){let N=h[E];N&&m.bad.push({line:N.line,text:N.phoneNumber,reason:S})}}}a(m),m.added>0&&C(m.added===1?"A number is imported.":`${m.added} numbers are imported.`),await t()};return i?n(L,{title:"Imported",onClose:e,children:[n("p",{children:[i.added," added, ",i.known," were there already, ",i.bad.length," left out."]}),n(Cs,{bad:i.bad}),n("div",{class:"actions",children:n("button",{type:"button",class:"button primary",onClick:e,children:"Done"})})]}):n(L,{title:"Import numbers",onClose:e,children:n(D,{submit:u.length>0?`Import ${u.length===1?"a number":`${u.length} numbers`}`:"Import",onSubmit:c,children:[n(x,{label:"Provider",name:"providerId",children:f=>n("select",{...f,children:[n("option",{value:"",children:"Choose one"}),r?.providers?.nodes.map(({id:m,name:p,kind:h})=>n("option",{value:m,children:[p," (",ae(h),")"]},m))]})}),n(x,{label:"Numbers",name:"numbers",hint:"One a line, as +14155550100; a country may follow: 12345,US. Nothing is imported before you say so.",children:f=>n("textarea",{...f,rows:7,class:"mono",spellcheck:!1,value:o,onInput:m=>s(m.currentTarget.value)})}),n("label",{class:"button file",children:["Read a CSV file",n("input",{type:"file",accept:".csv,.txt,text/csv,text/plain",onChange:f=>{d(f.currentTarget.files?.[0])}})]}),o.trim()&&n("p",{class:"meta",role:"status",children:[u.length===1?"1 number":`${u.length} numbers`," to import, ",l.length," ",l.length===1?"line is":"lines are"," left out."]}),n(Cs,{bad:l})]})})}function Cs({bad:e}){return e.length===0?null:n("ul",{class:"bad-lines",tabIndex:0,"aria-label":"Lines that are left out",children:[...e].sort((t,r)=>t.line-r.line).slice(0,200).map(({line:t,text:r,reason:o})=>n("li",{children:[n("strong",{children:["Line ",t]})," ",n("code",{children:r})," ",o]},`${t} ${o}`))})}var ya=new Intl.NumberFormat("en");function ce({value:e,label:t,to:r,isBad:o=!1}){let s=n(y,{children:[n("span",{class:o?"value bad":"value",children:ya.format(e)}),n("span",{class:"label",children:t})]});return n("li",{class:"figure",children:r?n("a",{href:r,children:s}):s})}function mn({title:e,children:t}){return n("section",{class:"card",children:[n("h2",{children:e}),n("ul",{class:"figures",children:t})]})}function Is(){let{data:e,error:t,isLoading:r,reload:o}=ie(bo,{}),s=e?.stats;return n(y,{children:[n("div",{class:"title",children:[n("h1",{children:"Overview"}),n("button",{type:"button",class:"button",disabled:r,onClick:()=>{o()},children:"Refresh"})]}),t&&n("p",{class:"problem",role:"alert",children:le(t.message)}),s&&n("div",{class:"columns",children:[n(mn,{title:"Numbers",children:[n(ce,{value:s.phoneNumbers.available,label:"free",to:"/console/numbers"}),n(ce,{value:s.phoneNumbers.assigned,label:"rented"}),n(ce,{value:s.phoneNumbers.expired,label:"cooling down"}),n(ce,{value:s.phoneNumbers.blocked,label:"blocked"})]}),n(mn,{title:"Webhooks in 24 hours",children:[n(ce,{value:s.webhooks.received,label:"to an inbox",to:"/console/messages"}),n(ce,{value:s.webhooks.duplicate,label:"repeated"}),n(ce,{value:s.webhooks.quarantined,label:"nobody's"}),n(ce,{value:s.webhooks.unroutable,label:"unknown number",isBad:s.webhooks.unroutable>0}),n(ce,{value:s.webhooks.failed,label:"failed",isBad:s.webhooks.failed>0})]}),n(mn,{title:"Users",children:[n(ce,{value:s.users.total,label:"accounts",to:"/console/users"}),n(ce,{value:s.users.active,label:"active"}),n(ce,{value:s.users.premium,label:"premium"})]}),n(mn,{title:"Now",children:[n(ce,{value:s.messageCount,label:"messages kept"}),n(ce,{value:s.openConnectionCount,label:"open connections"})]})]}),!s&&r&&n("div",{class:"skeletons","aria-busy":"true",children:[n("i",{}),n("i",{})]})]})}function Ms(){let e=te(Po,{},({otpPatterns:i})=>i),[t,r]=g(!1),o=(i,a)=>w(Io,{input:{otpPatternId:i,isActive:a}}).then(e.reload,M),s=i=>w(Mo,{input:{otpPatternId:i}}).then(e.reload,M);return n(y,{children:[n("div",{class:"title",children:[n("h1",{children:"Code patterns"}),n("button",{type:"button",class:"button primary",onClick:()=>r(!0),children:"Add a pattern"})]}),n("p",{class:"meta",children:"Codes are found by themselves. A pattern is for the sender whose codes are not."}),n(re,{caption:"Code patterns",rows:e.nodes,keyOf:({id:i})=>i,columns:[["Pattern",({pattern:i})=>n("code",{class:"wrap",children:i})],["For",({sender:i,provider:a})=>[i&&`sender ${i}`,a&&`provider ${a.name}`].filter(Boolean).join(", ")],["Service",({service:i})=>i??"\u2013"],["",({id:i,isActive:a,pattern:u})=>n("span",{class:"actions",children:[n("button",{type:"button",class:"button","aria-label":`${a?"Pause":"Use"} ${u}`,onClick:()=>o(i,!a),children:a?"Pause":"Use"}),n("button",{type:"button",class:"button quiet danger","aria-label":`Delete ${u}`,onClick:()=>s(i),children:"Delete"})]})]]}),n(ne,{list:e,children:[n("h2",{children:"No pattern"}),n("p",{children:"None is needed, as long as the codes are found."})]}),t&&n(va,{onClose:()=>r(!1),onAdded:e.reload})]})}function va({onClose:e,onAdded:t}){let{data:r}=ie(tt,{first:100}),[o,s]=g("code is (?<code>\\d{4,8})"),[i,a]=g(""),[u,l]=g(null);return n(L,{title:"Add a pattern",onClose:e,children:n(D,{submit:"Add",onSubmit:async({sender:f="",providerId:m="",service:p=""})=>{let h={pattern:o,...f&&{sender:f},...m&&{providerId:m},...p&&{service:p}};await w(Ro,{input:h}),C("The pattern is added; messages from now on are read with it."),e(),await t()},aside:n("button",{type:"button",class:"button",onClick:async()=>{try{let{testOtpPattern:f}=await w(Co,{pattern:o,text:i});l(f?`It finds ${f.code}${f.service?` of ${f.service}`:""}.`:"It finds no code.")}catch(f){l(le(f.message))}},children:"Try it"}),children:[n(x,{label:"Regular expression",name:"pattern",class:"mono",spellcheck:!1,value:o,onInput:f=>s(f.currentTarget.value),hint:n(y,{children:["It captures the code as ",n("code",{children:"(?<code>\u2026)"}),", and perhaps whose it is as ",n("code",{children:"(?<service>\u2026)"}),"."]})}),n(x,{label:"A text to try it on",name:"text",children:f=>n("textarea",{...f,rows:3,maxLength:1600,value:i,onInput:m=>a(m.currentTarget.value)})}),u&&n("p",{class:"notice",role:"status",children:u}),n("div",{class:"row",children:[n(x,{label:"Only of this sender",name:"sender"}),n(x,{label:"Only through this provider",name:"providerId",children:f=>n("select",{...f,children:[n("option",{value:"",children:"Every provider"}),r?.providers?.nodes.map(({id:m,name:p})=>n("option",{value:m,children:p},m))]})})]}),n(x,{label:"Whose codes they are",name:"service",hint:"Where the pattern does not capture it."})]})})}function Ts(e){let t=Object.entries(e).filter(([r,o])=>r.startsWith("setting.")&&o.trim()!=="").map(([r,o])=>[r.slice(8),_a(o.trim())]);return t.length>0?Object.fromEntries(t):null}function _a(e){if(!/^([[{].*|true|false)$/s.test(e))return e;try{return JSON.parse(e)}catch{return e}}function wa({isActive:e,health:t}){return e?t?t.hasWeakSecret?{level:"bad",text:"its secret is weak"}:t.failureCount>0?{level:"bad",text:`${t.failureCount} failures`}:t.refusalCount>0&&!t.lastMessageAt?{level:"bad",text:"every request is refused: is the secret right?"}:t.refusalCount>0?{level:"warn",text:`${t.refusalCount} refused`}:t.limitedCount>0?{level:"warn",text:`${t.limitedCount} over its limit`}:t.lastMessageAt?{level:"good",text:"well"}:{level:"off",text:"no message yet"}:{level:"warn",text:"unknown"}:{level:"off",text:"inactive"}}function sr({provider:e}){let{level:t,text:r}=wa(e);return n("span",{class:`health ${t}`,children:[n("span",{class:"dot","aria-hidden":"true"}),r]})}function Ds(){let e=te(tt,{},({providers:o})=>o),[t,r]=g(!1);return n(y,{children:[n("div",{class:"title",children:[n("h1",{children:"Providers"}),n("button",{type:"button",class:"button primary",onClick:()=>r(!0),children:"Add a provider"})]}),n(re,{caption:"Providers",rows:e.nodes,keyOf:({id:o})=>o,columns:[["Name",({id:o,name:s})=>n("a",{href:`/console/providers/${o}`,children:s})],["Kind",({kind:o})=>ae(o)],["Health",o=>n(sr,{provider:o})],["Messages, 24 h",({health:o})=>o?.messageCount??"\u2013"],["Last message",({health:o})=>o?.lastMessageAt?n(K,{time:o.lastMessageAt}):"none"]]}),n(ne,{list:e,children:[n("h2",{children:"No provider yet"}),n("p",{children:"A provider brings the messages. Add the account that you have at one, then import its numbers."})]}),t&&n(xa,{onClose:()=>r(!1)})]})}function xa({onClose:e}){let{data:t}=ie(vo,{}),r=[...t?.providerKinds??[]].sort((d,c)=>d.title.localeCompare(c.title)),[o,s]=g(""),[i,a]=g(null),u=r.find(d=>d.kind===o),l=async({name:d="",secret:c="",kind:f,...m})=>{if(!u)throw Object.assign(new Error("Choose one"),{field:"kind"});let p=Ts(m),h={kind:u.kind,name:d,...c&&{secret:c},...p&&{configuration:p}},{createProvider:b}=await w(_o,{input:h});b&&a({provider:b.provider,secret:b.generatedSecret})};return i?n(L,{title:`${i.provider.name} is added`,onClose:()=>Ie(`/console/providers/${i.provider.id}`),children:[n(ir,{provider:i.provider}),i.secret&&n(y,{children:[n("p",{children:"Its secret, which is shown now and never again:"}),n("p",{class:"address",children:n("code",{children:i.secret})}),n(z,{text:i.secret,what:"the secret",label:"Copy the secret"})]}),n("div",{class:"actions",children:n("a",{class:"button primary",href:`/console/providers/${i.provider.id}`,children:"Go on"})})]}):n(L,{title:"Add a provider",onClose:e,children:n(D,{submit:"Add",onSubmit:l,children:[n(x,{label:"Provider",name:"kind",children:d=>n("select",{...d,value:o,onChange:c=>s(c.currentTarget.value),children:[n("option",{value:"",children:"Choose one"}),r.map(({kind:c,title:f})=>n("option",{value:c,children:f},c))]})}),u&&n(Sa,{kind:u})]})})}function Sa({kind:e}){return n(y,{children:[n(x,{label:"Your own name for it",name:"name",defaultValue:e.kind.toLowerCase().replaceAll("_","-"),hint:"Its webhook address carries it: letters, digits, hyphens, underscores and dots."}),n(x,{label:"Secret",name:"secret",type:"password",autocomplete:"off",hint:e.secret}),e.settings.length>0&&n("details",{children:[n("summary",{children:["Settings (",e.settings.length,"), all optional unless they say otherwise"]}),e.settings.map(({name:t,description:r})=>n(x,{label:t,name:`setting.${t}`,hint:r},t))]})]})}function ir({provider:e}){let t=r=>new URL(r,location.origin).href;return n("dl",{class:"addresses",children:[n("div",{children:[n("dt",{children:"Webhook for messages"}),n("dd",{children:[n("code",{children:t(e.webhookPath)}),n(z,{text:t(e.webhookPath),what:"the webhook address",class:"quiet square"})]})]}),n("div",{children:[n("dt",{children:"Status callbacks"}),n("dd",{children:[n("code",{children:t(e.statusCallbackPath)}),n(z,{text:t(e.statusCallbackPath),what:"the status callback address",class:"quiet square"})]})]})]})}function Os({id:e}){let{data:t,error:r,reload:o}=ie(yo,{id:e}),s=t?.node&&"webhookPath"in t.node?t.node:null;if(r)return n("p",{class:"problem",role:"alert",children:le(r.message)});if(t&&!s)return n("div",{class:"empty",children:[n("h1",{children:"There is no such provider"}),n("p",{children:n("a",{href:"/console/providers",children:"All providers"})})]});if(!s)return n("div",{class:"skeletons","aria-busy":"true",children:[n("i",{}),n("i",{})]});let i=()=>w(zt,{input:{providerId:e,isActive:!s.isActive}}).then(o,M);return n(y,{children:[n("p",{class:"crumb",children:n("a",{href:"/console/providers",children:"Providers"})}),n("div",{class:"title",children:[n("h1",{children:s.name}),n("button",{type:"button",class:"button",onClick:i,children:s.isActive?"Deactivate":"Activate"})]}),n("p",{class:"meta",children:[ae(s.kind)," \xB7 ",n(sr,{provider:s})]}),n("div",{class:"columns",children:[n("section",{class:"card",children:[n("h2",{children:"Addresses"}),n("p",{class:"meta",children:"Paste them into the provider's console."}),n(ir,{provider:s})]}),n(Ea,{provider:s}),n(ka,{provider:s,onChanged:o}),n(Na,{provider:s,onChanged:o}),n(Pa,{provider:s})]})]})}function Ea({provider:{health:e}}){if(!e)return null;let t=[["Messages",e.messageCount],["Repeated",e.duplicateCount],["Unknown number",e.unroutableCount],["Refused",e.refusalCount],["Over the limit",e.limitedCount],["Failed",e.failureCount]];return n("section",{class:"card",children:[n("h2",{children:"Last 24 hours"}),n("ul",{class:"figures",children:t.map(([r,o])=>n("li",{class:"figure",children:[n("span",{class:"value",children:o}),n("span",{class:"label",children:r.toLowerCase()})]},r))}),n("p",{class:"meta",children:[e.lastMessageAt?n(y,{children:["Last message ",n(K,{time:e.lastMessageAt}),"."]}):"No message within 30 days.",e.lastRefusalAt&&n(y,{children:[" Last refusal ",n(K,{time:e.lastRefusalAt}),": ",e.lastRefusalReason,"."]})]}),e.hasWeakSecret&&n("p",{class:"notice",children:"Its secret can be guessed. Replace it."})]})}function ka({provider:e,onChanged:t}){let[r,o]=g(0),s=async({secret:i="",leaked:a})=>{await w(zt,{input:{providerId:e.id,secret:i,endPreviousSecret:a!==void 0}}),C("The secret is replaced. Now tell it to the provider."),o(r+1),await t()};return n("section",{class:"card",children:[n("h2",{children:"Secret"}),n("p",{class:"meta",children:[e.secretVerifiedAt?n(y,{children:["A webhook was verified with it ",n(K,{time:e.secretVerifiedAt}),"."]}):"No webhook has been verified with it yet: send a test message from the provider.",e.secretChangedAt&&n(y,{children:[" Replaced ",n(K,{time:e.secretChangedAt}),"."]})]}),n(D,{submit:"Replace",onSubmit:s,children:[n(x,{label:"New secret",name:"secret",type:"password",autocomplete:"off",hint:"The one before stays good until a webhook has come with the new one."}),n("label",{class:"check",children:[n("input",{type:"checkbox",name:"leaked"}),"The one before has leaked: end it at once"]})]},r)]})}function Na({provider:e,onChanged:t}){return n("section",{class:"card",children:[n("h2",{children:"Settings"}),n(D,{submit:"Save",onSubmit:async({priority:o="",rateLimit:s="",configuration:i=""})=>{let a;try{a=JSON.parse(i||"{}")}catch{throw Object.assign(new Error("Must be JSON: an object"),{field:"configuration"})}await w(zt,{input:{providerId:e.id,priority:Number(o),rateLimitPerMinute:Number(s),configuration:a}}),C("The settings are saved."),await t()},children:[n("div",{class:"row",children:[n(x,{label:"Priority",name:"priority",type:"number",min:1,max:1e3,defaultValue:String(e.priority),hint:"Numbers of the lowest are rented first."}),n(x,{label:"Webhooks a minute",name:"rateLimit",type:"number",min:1,defaultValue:String(e.rateLimitPerMinute)})]}),n(x,{label:"Configuration",name:"configuration",children:o=>n("textarea",{...o,rows:4,spellcheck:!1,class:"mono",defaultValue:JSON.stringify(e.configuration,null,2)})})]})]})}var Aa={DELIVERED:"It is in the inbox of whoever rents the number.",DUPLICATE:"It had arrived before.",QUARANTINED:"It is kept, and nobody sees it: nobody rents the number.",UNROUTABLE:"The number is not this provider's."};function Pa({provider:e}){let{data:t}=ie(Jt,{first:100}),r=t?.phoneNumbers?.nodes.filter(a=>a.provider?.id===e.id)??[],[o,s]=g(null);return n("section",{class:"card",children:[n("h2",{children:"Test message"}),n("p",{class:"meta",children:"Received as if the provider had brought it."}),n(D,{submit:"Send it",onSubmit:async({to:a="",from:u="",text:l=""})=>{s(null);let{simulateInboundSms:d}=await w(wo,{input:{to:a,from:u,text:l}});if(d){let c=d.message?.otp?.code;s(`${Aa[d.outcome]??d.outcome}${c?` Its code is ${c}.`:""}`)}},children:[n(x,{label:"To",name:"to",list:"numbers-of-provider",defaultValue:r[0]?.phoneNumber??"",hint:r.length===0&&t?"This provider has no numbers yet.":void 0},r[0]?.id??""),n("datalist",{id:"numbers-of-provider",children:r.map(({id:a,phoneNumber:u})=>n("option",{value:u},a))}),n(x,{label:"From",name:"from",defaultValue:"Example"}),n(x,{label:"Text",name:"text",defaultValue:"Your Example code is 482913."})]}),o&&n("p",{class:"notice",role:"status",children:o})]})}function Ls(){let[e,t]=g(""),r=Ca(e.trim()),s=te(ko,{filter:r?{emailContains:r}:{}},({users:a})=>a),i=async(a,u)=>{try{await w(No,{input:a}),C(`${u} is changed.`)}catch(l){M(l)}await s.reload()};return n(y,{children:[n("div",{class:"title",children:n("h1",{children:"Users"})}),n("div",{class:"filters",children:[n("label",{class:"choice",children:[n("span",{children:"E-mail"}),n("input",{type:"search",placeholder:"Part of an address",value:e,onInput:a=>t(a.currentTarget.value)})]}),s.totalCount!==null&&n("p",{class:"meta",children:s.totalCount===1?"1 user":`${s.totalCount} users`})]}),n(re,{caption:"Users",rows:s.nodes,keyOf:({id:a})=>a,columns:[["E-mail",({email:a,firstName:u,lastName:l,emailVerified:d})=>n(y,{children:[n("strong",{children:a}),n("p",{class:"meta",children:[[u,l].filter(Boolean).join(" "),!d&&" \xB7 not verified"]})]})],["Plan",({id:a,email:u,plan:l})=>n("select",{"aria-label":`Plan of ${u}`,value:l,onChange:d=>{i({userId:a,plan:d.currentTarget.value},u)},children:[n("option",{value:"FREE",children:"free"}),n("option",{value:"PREMIUM",children:"premium"})]})],["Role",({id:a,email:u,role:l})=>n("select",{"aria-label":`Role of ${u}`,value:l,disabled:a===j.value?.id,onChange:d=>{i({userId:a,role:d.currentTarget.value},u)},children:[n("option",{value:"USER",children:"user"}),n("option",{value:"ADMIN",children:"administrator"})]})],["Last sign-in",({lastLogin:a})=>a?n(K,{time:a}):"never"],["",({id:a,email:u,isActive:l})=>a===j.value?.id?n("span",{class:"tag",children:"you"}):n("button",{type:"button",class:l?"button quiet danger":"button","aria-label":`${l?"Deactivate":"Activate"} ${u}`,onClick:()=>{i({userId:a,isActive:!l},u)},children:l?"Deactivate":"Activate"})]]}),n(ne,{list:s,children:[n("h2",{children:"Nobody"}),n("p",{children:"No address has that in it."})]})]})}function Ca(e){let[t,r]=g(e);return ee(()=>{let o=setTimeout(()=>r(e),250);return()=>clearTimeout(o)},[e]),t}var $s=[["/console","Overview",Is],["/console/providers","Providers",Ds],["/console/numbers","Numbers",Rs],["/console/messages","Where is my SMS?",ks],["/console/users","Users",Ls],["/console/invitations","Invitations",Es],["/console/patterns","Code patterns",Ms],["/console/blocked-senders","Blocked senders",xs],["/console/audit","Audit log",_s]];function Ra(e){let t=e?.querySelector("[aria-current]");e&&t&&(e.scrollLeft=t.offsetLeft-e.offsetLeft-24)}function Us(){if(j.value?.role!=="ADMIN")return n("div",{class:"empty",children:[n("h1",{children:"This is for administrators"}),n("p",{children:["Your account is not one. ",n("a",{href:"/",children:"Back to the inbox"})]})]});let e=Ee.value,t=e.startsWith("/console/providers/")?ds.value[2]:void 0,r=$s.find(([o])=>o===e)?.[2];return n("div",{class:"console",children:[n("nav",{"aria-label":"Console",ref:Ra,children:$s.map(([o,s])=>n("a",{href:o,"aria-current":e===o||o!=="/console"&&e.startsWith(`${o}/`)?"page":void 0,children:s},o))}),n("div",{class:"page",children:t?n(Os,{id:t},t):r&&n(r,{})})]})}var fn=/[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u00AD\u061C\u115F\u1160\u17B4\u17B5\u180E\u200B\u200E\u200F\u202A-\u202E\u2060-\u2064\u2066-\u206F\u3164\uFEFF\uFFA0\uFFF9-\uFFFB\u{E0000}-\u{E007F}]/u,Ia=/\bhttps?:\/\/[^\s<>"'`{}|\\^]+/giu;function Fs(e){let t=[],r=0;for(let o of e.matchAll(Ia)){let s=o[0].replace(/[.,;:!?)\]]+$/u,""),i=Ma(s);!i||fn.test(s)||(t.push(...Vs(e.slice(r,o.index)),{kind:"link",text:s,url:i}),r=o.index+s.length)}return t.push(...Vs(e.slice(r))),t}function Ma(e){try{let t=new URL(e);return t.protocol==="https:"||t.protocol==="http:"?t:null}catch{return null}}function Vs(e){return e.split(new RegExp(`(${fn.source})`,"u")).filter(Boolean).map(r=>fn.test(r)?{kind:"hidden",name:Ta(r)}:{kind:"text",text:r})}function Ta(e){return`U+${(e.codePointAt(0)??0).toString(16).toUpperCase().padStart(4,"0")}`}function Ae(e){return e>99?"99+":`${e}`}function Me(e){return e.replace(new RegExp(fn.source,"gu"),"").replace(/\s+/gu," ").trim()}var Bs="otpwire-announce",it=U(localStorage.getItem(Bs)==="yes"),ar=U("");async function Ks(e){return it.value=e,localStorage.setItem(Bs,e?"yes":"no"),e?(Hs(),!("Notification"in globalThis)||!isSecureContext?"Sound is on. Notifications need https.":await Notification.requestPermission()==="granted"?null:"Sound is on. This browser does not allow notifications for this page."):null}var qs=new BroadcastChannel("otpwire-announced"),Ws="";qs.onmessage=({data:e})=>Ws=e;function Gs(){let e=document.title;he(()=>{document.title=je.value>0?`(${Ae(je.value)}) ${e}`:e}),he(()=>{let t=rn.value[0];t&&(ar.value=Da(t,rn.value.length),!(!it.value||Ws===t.id)&&(qs.postMessage(t.id),Hs(),document.hidden&&"Notification"in globalThis&&Notification.permission==="granted"&&Oa(t)))})}function Da(e,t){if(t>1)return`${t} new messages`;let r=Me(e.otp?.service??e.senderNumber);return e.otp?`New code of ${r}: ${[...e.otp.code].join(" ")}`:`New message of ${r}`}function Oa({id:e,otp:t,senderNumber:r,messageContent:o}){let s=t?`${t.code} \xB7 ${Me(t.service??r)}`:Me(r),i=new Notification(s,{body:Me(o).slice(0,120),tag:e,icon:"/assets/icon.svg"});i.onclick=()=>{focus(),i.close()}}function Hs(){try{let e=new AudioContext;[660,880].forEach((t,r)=>{let[o,s]=[e.createOscillator(),e.createGain()],i=e.currentTime+r*.12;o.frequency.value=t,s.gain.setValueAtTime(1e-4,i),s.gain.exponentialRampToValueAtTime(.12,i+.02),s.gain.exponentialRampToValueAtTime(1e-4,i+.25),o.connect(s).connect(e.destination),o.start(i),o.stop(i+.3)}),setTimeout(()=>{e.close()},1e3)}catch{}}function js(){let e=j.value;return e?n("div",{class:"page columns",children:[n("div",{class:"title",children:[n("h1",{children:"Account"}),n("button",{type:"button",class:"button",onClick:()=>{Kn().catch(M)},children:"Sign out"})]}),n(La,{user:e}),n($a,{user:e}),n(Ua,{}),n(Fa,{})]}):null}function La({user:e}){let t=async({firstName:o="",lastName:s=""})=>{await w(lo,{input:{firstName:o,lastName:s}}),await un(),C("Your name is saved.")},r=()=>w(Yt,{input:{email:e.email}}).then(()=>C("A mail is on its way."),M);return n("section",{class:"card",children:[n("h2",{children:"Profile"}),n("p",{class:"meta",children:[e.email," \xB7 ",e.plan==="PREMIUM"?"premium":"free"," plan",e.role==="ADMIN"&&" \xB7 administrator"]}),!e.emailVerified&&n("p",{class:"notice",children:["Your address is not verified yet. ",n("button",{type:"button",class:"button",onClick:r,children:"Send the mail again"})]}),n(D,{submit:"Save",onSubmit:t,children:n("div",{class:"row",children:[n(x,{label:"First name",name:"firstName",autocomplete:"given-name",defaultValue:e.firstName??""}),n(x,{label:"Last name",name:"lastName",autocomplete:"family-name",defaultValue:e.lastName??""})]})})]})}function $a({user:e}){let[t,r]=g(0);return n("section",{class:"card",children:[n("h2",{children:"Password"}),n(D,{submit:"Change the password",onSubmit:async({currentPassword:s="",newPassword:i=""})=>{await Xr(s,i),C("The password is changed. Every other session has ended."),r(t+1)},children:[n("input",{type:"hidden",name:"username",autocomplete:"username",value:e.email}),n(x,{label:"Current password",name:"currentPassword",type:"password",autocomplete:"current-password"}),n(x,{label:"New password",name:"newPassword",type:"password",autocomplete:"new-password",hint:"8 to 128 characters, and not easy to guess."})]},t)]})}function Ua(){let{data:e,reload:t}=ie(co,{}),r=s=>w(po,{input:{sessionId:s}}).then(t,M);return n("section",{class:"card",children:[n("div",{class:"title",children:[n("h2",{children:"Sessions"}),n("button",{type:"button",class:"button danger",onClick:async()=>{try{await w(mo),await Kn()}catch(s){M(s)}},children:"Sign out everywhere"})]}),n("ul",{class:"rows",children:e?.sessions?.map(({id:s,isCurrent:i,userAgent:a,ipAddress:u,lastUsedAt:l})=>n("li",{children:[n("div",{children:[n("strong",{children:Va(a)}),i&&n("span",{class:"tag",children:"this one"}),n("p",{class:"meta",children:[u??"an unknown address"," \xB7 ",n(K,{time:l})]})]}),!i&&n("button",{type:"button",class:"button quiet danger",onClick:()=>r(s),children:"End"})]},s))})]})}function Va(e){if(!e)return"Unknown program";let t=/(Edg|OPR|Firefox|Chrome|Safari|curl|otpwire)[/ ]/.exec(e)?.[1],r=/(Android|iPhone|iPad|Windows|Mac OS X|Linux)/.exec(e)?.[1];return t?[{Edg:"Edge",OPR:"Opera"}[t]??t,r&&`on ${r==="Mac OS X"?"macOS":r}`].filter(Boolean).join(" "):e.slice(0,40)}var Qs=[["READ_MESSAGES","Read messages",!0],["RENT_NUMBERS","Rent numbers",!0],["LEASE_NUMBERS","Lease numbers, and read what comes meanwhile",!1]];function Fa(){let{data:e,reload:t}=ie(fo,{}),[r,o]=g(null),[s,i]=g(!1),a=l=>w(ho,{input:{apiKeyId:l}}).then(t,M),u=async({name:l="",days:d="",...c})=>{let f=Qs.map(([p])=>p).filter(p=>p in c),{createApiKey:m}=await w(go,{input:{name:l,scopes:f,expiresInDays:d?Number(d):null}});i(!1),o(m?.key??null),t()};return n("section",{class:"card",children:[n("div",{class:"title",children:[n("h2",{children:"Keys for programs"}),n("button",{type:"button",class:"button",onClick:()=>i(!0),children:"Make one"})]}),e?.apiKeys?.length===0&&n("p",{class:"meta",children:"With a key, a test pipeline rents numbers and waits for codes, and your password stays yours."}),n("ul",{class:"rows",children:e?.apiKeys?.map(({id:l,name:d,prefix:c,lastUsedAt:f,expiresAt:m})=>n("li",{children:[n("div",{children:[n("strong",{children:d}),n("p",{class:"meta",children:[n("code",{children:[c,"\u2026"]})," \xB7 ",f?n(y,{children:["used ",n(K,{time:f})]}):"never used",m&&n(y,{children:[" \xB7 ends ",m.slice(0,10)]})]})]}),n("button",{type:"button",class:"button quiet danger",onClick:()=>a(l),children:"Revoke"})]},l))}),s&&n(L,{title:"A key for a program",onClose:()=>i(!1),children:n(D,{submit:"Make the key",onSubmit:u,children:[n(x,{label:"Name",name:"name",placeholder:"CI"}),n("fieldset",{class:"checks",children:[n("legend",{children:"It may"}),Qs.map(([l,d,c])=>n("label",{children:[n("input",{type:"checkbox",name:l,defaultChecked:c}),d]},l))]}),n(x,{label:"Ends after days",name:"days",type:"number",min:1,max:365,hint:"1 to 365. Empty: it does not end."})]})}),r&&n(L,{title:"Your new key",onClose:()=>o(null),children:[n("p",{children:"It is shown now and never again."}),n("p",{class:"address",children:n("code",{children:r})}),n("div",{class:"actions",children:n(z,{text:r,what:"the key",class:"primary",label:"Copy the key"})})]})]})}function Pe({title:e,lead:t,children:r}){return n("section",{class:"card narrow",children:[n("h1",{children:e}),t&&n("p",{class:"lead",children:t}),r]})}var gn={label:"E-mail",name:"email",type:"email",autocomplete:"username",inputMode:"email"},Ys={type:"password",autocomplete:"new-password",hint:"8 to 128 characters, and not easy to guess."};function zs(){return n(Pe,{title:"Sign in",lead:"Numbers for a while, and the codes that arrive on them, as they arrive.",children:[n(D,{submit:"Sign in",onSubmit:({email:e="",password:t=""})=>xt({email:e,password:t}),children:[n(x,{...gn}),n(x,{label:"Password",name:"password",type:"password",autocomplete:"current-password"})]}),n("p",{class:"fine",children:[n("a",{href:"/forgot-password",children:"Forgot your password?"}),Fe==="open"&&n(y,{children:[" \xB7 ",n("a",{href:"/register",children:"Make an account"})]}),Fe==="invite"&&" \xB7 Accounts are made by invitation."]})]})}function Js(){let[e]=g(()=>st("token")),t=async({email:r="",password:o="",firstName:s,lastName:i})=>{let a={email:r,password:o,firstName:s||null,lastName:i||null,invitation:e},{register:u}=await w(so,{input:a}).catch(l=>{throw l.field==="invitation"?new se(l.code,l.message):l});await xt({email:r,password:o}),C(u?.user.emailVerified?"Welcome.":`Welcome. A mail to ${r} verifies your address.`)};return Fe==="closed"?n(Pe,{title:"Nobody can make an account here",lead:"The operator makes the accounts.",children:n("p",{class:"fine",children:["You have one? ",n("a",{href:"/sign-in",children:"Sign in"})]})}):Fe==="invite"&&!e?n(Pe,{title:"Accounts are made by invitation",lead:"Open the link of your invitation. If you have none, ask an administrator.",children:n("p",{class:"fine",children:["You have an account? ",n("a",{href:"/sign-in",children:"Sign in"})]})}):n(Pe,{title:"Make an account",...e?{lead:"You are invited."}:{},children:[n(D,{submit:"Make the account",onSubmit:t,children:[n(x,{...gn,...rr.length>0&&!e?{hint:`An address of ${rr.join(" or ")}.`}:{}}),n(x,{label:"Password",name:"password",...Ys}),n("div",{class:"row",children:[n(x,{label:"First name (optional)",name:"firstName",autocomplete:"given-name"}),n(x,{label:"Last name (optional)",name:"lastName",autocomplete:"family-name"})]})]}),n("p",{class:"fine",children:["You have one? ",n("a",{href:"/sign-in",children:"Sign in"})]})]})}function Xs(){let[e]=g(()=>st("token")),[t,r]=g("working");ee(()=>{e&&w(io,{input:{token:e}}).then(()=>r("done"),s=>r(le(`The link ${s.message}`)))},[]);let o=async({email:s=""})=>{await w(Yt,{input:{email:s}}),C("If there is an account with this address that is not verified, a mail is on its way.")};return e&&t==="working"?n(Pe,{title:"One moment\u2026",children:n("p",{children:"Your address is being verified."})}):e&&t==="done"?n(Pe,{title:"Your address is verified",lead:"Sessions from before have ended, so sign in again.",children:n("p",{children:n("a",{class:"button primary",href:"/sign-in",children:"Sign in"})})}):n(Pe,{title:"Verify your address",lead:e?t:"The link in the mail does it. Without the mail, have it sent again.",children:n(D,{submit:"Send the mail again",onSubmit:o,children:n(x,{...gn})})})}function Zs(){let[e,t]=g(!1),r=async({email:o=""})=>{await w(ao,{input:{email:o}}),t(!0)};return e?n(Pe,{title:"Look into your mail",lead:"If there is an account with this address, a mail with a link is on its way. The link is good for an hour.",children:n("p",{class:"fine",children:n("a",{href:"/sign-in",children:"Back"})})}):n(Pe,{title:"A new password",lead:"A mail brings you a link with which you can set one.",children:[n(D,{submit:"Send the mail",onSubmit:r,children:n(x,{...gn})}),n("p",{class:"fine",children:n("a",{href:"/sign-in",children:"Back"})})]})}function ei(){let[e]=g(()=>st("token")??"");return n(Pe,{title:"Set a new password",lead:"Every session and API key of the account ends.",children:n(D,{submit:"Set the password",onSubmit:async({password:r=""})=>{try{await w(uo,{input:{token:e,password:r}})}catch(o){throw o instanceof se&&o.field==="token"?new se(o.code,`The link ${o.message}`):o}C("The password is set. Sign in with it."),Ie("/sign-in")},children:n(x,{label:"New password",name:"password",...Ys})})})}var ti=[["j","k","the next and the previous message"],["c","","copy the code"],["o","Enter","show the whole text"],["r","","mark as read"],["#","Delete","delete"],["n","","rent a number"],["/","","search"],["?","","show the keys"]],Ba={j:"next",ArrowDown:"next",k:"previous",ArrowUp:"previous",c:"copy",o:"open",Enter:"open",r:"read","#":"delete",Delete:"delete",n:"rent","/":"search","?":"help"};function ni(e){ee(()=>{let t=r=>{let o=r.target instanceof Element?r.target:null,s=r.defaultPrevented||r.ctrlKey||r.metaKey||r.altKey||o?.closest("input, select, textarea, dialog")||r.key==="Enter"&&o?.closest("a, button"),i=Ba[r.key];i&&!s&&e(i)&&r.preventDefault()};return document.addEventListener("keydown",t),()=>document.removeEventListener("keydown",t)})}function ri({text:e}){let[t,r]=g(null);return n(y,{children:[n("p",{class:"text",dir:"auto",children:Fs(e).map(o=>{switch(o.kind){case"text":return o.text;case"hidden":return n("span",{class:"hidden-character",title:"A character that nobody sees",children:o.name});case"link":return n("button",{type:"button",class:"link",onClick:()=>r(o.url),children:o.text})}})}),t&&n(Ka,{url:t,onClose:()=>r(null)})]})}function Ka({url:e,onClose:t}){return n(L,{title:"Open this address?",onClose:t,children:[n("p",{children:["A stranger sent it. It leads to ",n("strong",{children:n("bdi",{children:e.host})}),":"]}),n("p",{class:"address",children:n("bdi",{children:e.href})}),n("div",{class:"actions",children:[n("a",{class:"button primary",href:e.href,target:"_blank",rel:"noopener noreferrer",onClick:t,children:"Open in a new tab"}),n(z,{text:e.href,what:"the address",label:"Copy"})]})]})}var oi=ln(({message:e,isOpen:t,onToggle:r})=>{let{otp:o,senderNumber:s,phoneNumber:i,isRead:a,messageType:u}=e,l=Me(o?.service??s)||"Unknown sender";return n("li",{class:`message ${a?"is-read":"unread"} ${t?"open":""}`,"data-id":e.id,children:n("article",{"aria-label":`${a?"":"Unread: "}${l}${o?`, code ${o.code}`:""}`,tabIndex:-1,children:[n("span",{class:`avatar hue-${Ga(l)}`,"aria-hidden":"true",children:[...l][0]?.toUpperCase()}),n("div",{class:"who",children:[n("h2",{children:[n("bdi",{children:l}),!a&&n("span",{class:"unread-dot",title:"Unread"})]}),n("p",{class:"meta",children:[o?.service&&o.service.toLowerCase()!==s.toLowerCase()&&n(y,{children:[n("bdi",{children:Me(F(s))})," \xB7 "]}),"to ",n("bdi",{children:F(i)})," \xB7 ",n(K,{time:e.receivedAt})]})]}),o?n(qa,{code:o.code,name:l,message:e}):u==="VERIFICATION"&&n("span",{class:"tag",children:"Confirmation"}),n("button",{type:"button",class:"preview","aria-expanded":t,onClick:()=>r(e),children:[n("span",{class:"off-screen",children:[t?"Hide":"Show"," the whole text of ",l,": "]}),n("span",{class:"preview-text",dir:"auto",children:t?"Hide the text":Me(e.messageContent)}),n(Y,{name:"down"})]}),t&&n(Wa,{message:e})]})})});function qa({code:e,name:t,message:r}){let o=/^\d{6,9}$/.test(e)?e.match(e.length%3===0?/.{3}/g:/.{1,4}/g)??[e]:[e];return n("div",{class:"code-line",children:[n("span",{class:"code",children:o.map((s,i)=>n("span",{children:s},i))}),n(z,{text:e,what:`the code of ${t}`,class:"strong",label:"Copy",onCopied:()=>{ot(r).catch(M)}})]})}function Wa({message:e}){let[t,r]=g(!1),o=()=>an(e).then(()=>C("The message is deleted."),M);return n("div",{class:"details",children:[n(ri,{text:e.messageContent}),e.media.length>0&&n("p",{class:"meta",children:[e.media.length===1?"A file came with it":`${e.media.length} files came with it`,"; it stays at the provider."]}),n("div",{class:"actions",children:[n(z,{text:e.messageContent,what:"the text",label:"Copy the text"}),t?n(y,{children:[n("button",{type:"button",class:"button danger",onClick:o,children:"Delete for good"}),n("button",{type:"button",class:"button quiet",onClick:()=>r(!1),children:"Keep"})]}):n("button",{type:"button",class:"button quiet danger",onClick:()=>r(!0),children:[n(Y,{name:"trash"}),"Delete"]})]})]})}function Ga(e){let t=0;for(let r of e.toLowerCase())t=(t*31+(r.codePointAt(0)??0))%997;return t%8}var Ha=[["","Every type"],["OTP","Codes"],["VERIFICATION","Confirmations"],["SMS","Others"]];function at(e){Q.value={...Q.value,...e}}function si(){let[e,t]=g(!1),{text:r,phoneNumberId:o,service:s,sender:i,type:a,unread:u}=Q.value,{services:l,senders:d}=es(P.value?.messages??[]),c=new Map(P.value?.messages.map(m=>[m.phoneNumberId,m.phoneNumber]));for(let m of be.value??[])c.set(m.id,m.phoneNumber);let f=[o,s,i,a].filter(Boolean).length;return n("search",{class:"search",children:[n("label",{class:"search-text",children:[n(Y,{name:"search"}),n("span",{class:"off-screen",children:"Search the messages"}),n("input",{id:"search",type:"search",placeholder:"Search",value:r,onInput:m=>at({text:m.currentTarget.value})}),n("kbd",{"aria-hidden":"true",children:"/"})]}),n("div",{class:"toggles",children:[n("button",{type:"button",class:"button","aria-pressed":u,onClick:()=>at({unread:!u}),children:"Unread"}),n("button",{type:"button",class:"button","aria-expanded":e,onClick:()=>t(!e),children:["Filters",f>0&&n("span",{class:"badge",children:f})]}),nt(Q.value)&&n("button",{type:"button",class:"button quiet",onClick:()=>Q.value=Se,children:"Clear"})]}),e&&n("div",{class:"filters",children:[n(hn,{label:"Number",value:o,options:[["","Every number"],...[...c].map(([m,p])=>[m,F(p)])],onChange:m=>at({phoneNumberId:m})}),n(hn,{label:"Service",value:s,options:[["","Every service"],...l.map(m=>[m,m])],onChange:m=>at({service:m})}),n(hn,{label:"Sender",value:i,options:[["","Every sender"],...d.map(m=>[m,m])],onChange:m=>at({sender:m})}),n(hn,{label:"Type",value:a,options:Ha,onChange:m=>at({type:m})})]})]})}function hn({label:e,value:t,options:r,onChange:o}){return n("label",{class:"choice",children:[n("span",{children:e}),n("select",{value:t,onChange:s=>o(s.currentTarget.value),children:r.map(([s,i])=>n("option",{value:s,children:i},s))})]})}var Qa=24*36e5;function ii(){let e=be.value;return n("div",{class:"page",children:[n("div",{class:"title",children:n("h1",{children:"Numbers"})}),e?.length?n("ul",{class:"grid",children:e.map(t=>n(ja,{number:t},t.id))}):e&&n("div",{class:"empty",children:[n("h2",{children:"You rent no number yet"}),n("p",{children:"Choose a country below. The number is yours for as long as you say, and codes that are sent to it appear in the inbox."})]}),n("h2",{children:"Rent a number"}),n(li,{})]})}function ja({number:e}){let[t,r]=g(!1),[o,s]=g(!1),i=F(e.phoneNumber),a=on.value.get(e.id)??0,u=P.value?.messages.filter(({phoneNumberId:d})=>d===e.id).length??0,l=()=>{Q.value={...Se,phoneNumberId:e.id},Ie("/")};return n("li",{class:"card number",children:[n("div",{class:"line",children:[n("h2",{children:n("bdi",{children:i})}),n(z,{text:e.phoneNumber,what:`the number ${i}`,class:"quiet square"})]}),n("p",{class:"meta",children:[Ne(e.countryCode),e.expiresAt&&n(y,{children:[" \xB7 ",n(Y,{name:"clock"})," ",n(dn,{until:e.expiresAt})," left"]}),e.isGranted&&" \xB7 granted to a pool of yours"]}),n(Ya,{number:e}),n("div",{class:"actions",children:[n("button",{type:"button",class:"button",onClick:l,children:[u===1?"1 message":`${Ae(u)} messages`,a>0&&n("span",{class:"badge",children:[Ae(a),n("span",{class:"off-screen",children:" unread"})]})]}),n("button",{type:"button",class:"button",onClick:()=>r(!0),disabled:ai(e)<1,children:"Extend"}),n("button",{type:"button",class:"button quiet danger",onClick:()=>s(!0),children:"Release"})]}),t&&n(za,{number:e,onClose:()=>r(!1)}),o&&n(Ja,{number:e,onClose:()=>s(!1)})]})}function Ya({number:e}){let[t,r]=g(null),o=async s=>{try{let{labelPhoneNumber:i}=await w(jo,{input:{phoneNumberId:e.id,label:s.trim()||null}});i&&rt(i.phoneNumber),r(null)}catch(i){M(i)}};return n("label",{class:"note",children:[n(Y,{name:"note"}),n("span",{class:"off-screen",children:["Note on ",F(e.phoneNumber)]}),n("input",{type:"text",maxLength:50,placeholder:"A note of your own",value:t??e.label??"",onInput:s=>r(s.currentTarget.value),onChange:s=>{o(s.currentTarget.value)}})]})}function ai({assignedAt:e,expiresAt:t}){return!e||!t?0:Math.floor((Date.parse(e)+Qa-Date.parse(t))/36e5)}var ur=e=>e===1?"1 hour":`${e} hours`;function ui({most:e,name:t="hours",initial:r=1}){let[o,s]=g(Math.min(r,e));return n(x,{label:"For how long",name:t,children:i=>n("span",{class:"range",children:[n("input",{...i,type:"range",min:1,max:e,value:o,"aria-valuetext":ur(o),onInput:a=>s(a.currentTarget.valueAsNumber)}),n("output",{children:ur(o)})]})})}function za({number:e,onClose:t}){let[r]=g(bn),o=async({hours:s="1"})=>{let i={phoneNumberId:e.id,durationHours:Number(s),idempotencyKey:r},{extendPhoneNumber:a}=await w(Ho,{input:i});a&&rt(a.phoneNumber),C(`${F(e.phoneNumber)} is yours for longer.`),t()};return n(L,{title:`Extend ${F(e.phoneNumber)}`,onClose:t,children:n(D,{submit:"Extend",onSubmit:o,children:[n(ui,{most:ai(e)}),n("p",{class:"hint",children:"A rental may last 24 hours in all."})]})})}function Ja({number:e,onClose:t}){let r=async()=>{let{releasePhoneNumber:o}=await w(Qo,{input:{phoneNumberId:e.id}});o&&rt(o.phoneNumber),C(`${F(e.phoneNumber)} is given back.`),t()};return n(L,{title:`Release ${F(e.phoneNumber)}?`,onClose:t,children:[n("p",{children:"Codes that are sent to it from now on do not reach you. The messages that it has received stay in your inbox."}),n(D,{submit:"Release the number",onSubmit:r,children:null})]})}function li({onRented:e}){let[t,r]=g(bn),o=[...Jn.value].sort((l,d)=>Ne(l.code).localeCompare(Ne(d.code))),s=o.find(({availableCount:l})=>l>0)?.code,[i,a]=g(null),u=async({hours:l="1"})=>{let d=i??s;if(!d)throw new Error("No number is free now");try{let{assignPhoneNumber:c}=await w(Go,{input:{countryCode:d,durationHours:Number(l),idempotencyKey:t}});if(r(bn()),!c)return;rt(c.phoneNumber),nn().catch(()=>{}),C(`${F(c.phoneNumber.phoneNumber)} is yours for ${ur(Number(l))}.`),e?.()}catch(c){throw c instanceof se&&c.code!=="OFFLINE"&&r(bn()),c instanceof se?Xa(c,d):c}};return be.value===null?n("div",{class:"skeletons","aria-busy":"true",role:"status",children:[n("span",{class:"off-screen",children:"Loading"}),n("i",{}),n("i",{})]}):o.length===0?n("div",{class:"empty",children:[n("h2",{children:"There are no numbers to rent"}),n("p",{children:"The operator of this server has to add some first."})]}):n(D,{submit:"Rent a number",onSubmit:u,class:"form rent",children:[n("fieldset",{class:"countries",children:[n("legend",{children:"Country"}),n("div",{class:"choices",children:o.map(({code:l,availableCount:d})=>n("label",{class:d===0?"none":void 0,children:[n("input",{type:"radio",name:"country",value:l,checked:l===(i??s),disabled:d===0,onChange:()=>a(l)}),n("span",{class:"code","aria-hidden":"true",children:l}),n("span",{class:"name",children:Ne(l)}),n("span",{class:"count",children:d===0?"none free":`${d} free`})]},l))})]}),n(ui,{most:24})]})}function Xa(e,t){switch(e.code){case"NO_NUMBER_AVAILABLE":{let r=e.details.availableAt,o=typeof r=="string"?Math.max(1,Math.ceil((Date.parse(r)-ke.value)/6e4)):null,s=o===null?"":` One becomes free in ${o===1?"a minute":`${o} minutes`}.`;return new Error(`Every number of ${Ne(t)} is taken now.${s}`)}case"EMAIL_NOT_VERIFIED":return new Error("Verify your e-mail address first, with the link in the mail. Your account page sends it again.");default:return e}}function bn(){return Array.from(crypto.getRandomValues(new Uint8Array(16)),e=>e.toString(16).padStart(2,"0")).join("")}function ci({onClose:e}){return n(L,{title:"Rent a number",onClose:e,children:n(li,{onRented:e})})}var lr=100;function cr(){let[e,t]=g(null),[r,o]=g(null),[s,i]=g(new Set),[a,u]=g(lr),l=At.value.slice(0,a),d=At.value.length>a||(P.value?.older??null)!==null,c=l.find(({id:b})=>b===r),f=ft(b=>{i(v=>{let E=new Set(v);return E.delete(b.id)||E.add(b.id),E}),ot(b).catch(M)},[]),m=()=>{u(a+lr),At.value.length<a+lr&&er().catch(M)},p=b=>{o(v=>{let E=l.findIndex(({id:S})=>S===v);return l[Math.max(0,Math.min(l.length-1,E+b))]?.id??v})},h=async({otp:b,...v})=>{!b||!await or(b.code)||(C(`${b.code} is copied.`),await ot({otp:b,...v}))};return ni(b=>{switch(b){case"next":return p(1),!0;case"previous":return p(-1),!0;case"rent":return t("rent"),!0;case"help":return t("keys"),!0;case"search":return document.getElementById("search")?.focus(),!0}let v=c??l[0];if(!v)return!1;switch(o(v.id),b){case"copy":return h(v).catch(M),!0;case"open":return f(v),!0;case"read":return ot(v).catch(M),!0;case"delete":return t("delete"),!0}}),ee(()=>{if(!r)return;let b=document.querySelector(`[data-id="${CSS.escape(r)}"] > article`);b?.focus({preventScroll:!0}),b?.scrollIntoView({block:"nearest"})},[r]),n("div",{class:"inbox",children:[n("aside",{"aria-label":"Your numbers",children:n(Za,{onRent:()=>t("rent")})}),n("section",{"aria-label":"Messages",children:[n("div",{class:"title",children:[n("h1",{children:"Inbox"}),n("div",{class:"tools",children:[je.value>0&&n("button",{type:"button",class:"button quiet",onClick:()=>{us().catch(M)},children:"Mark all read"}),n(tu,{}),n("button",{type:"button",class:"button quiet square keys","aria-label":"Keys",title:"Keys",onClick:()=>t("keys"),children:n(Y,{name:"keyboard"})})]})]}),n(si,{}),Nt.value&&n("p",{class:"notice",role:"alert",children:["Messages came while this page was away, and have expired since. What is kept is below.",n("button",{type:"button",class:"button quiet",onClick:()=>Nt.value=!1,children:"All right"})]}),n("p",{class:"off-screen","aria-live":"polite",children:ar.value}),l.length>0?n("ol",{class:"messages",children:l.map(b=>n(oi,{message:b,isOpen:s.has(b.id),onToggle:f},b.id))}):n(nu,{onRent:()=>t("rent")}),l.length>0&&d&&n("p",{class:"more",children:n("button",{type:"button",class:"button",disabled:Qe.value,onClick:m,children:Qe.value?"One moment\u2026":"Show older ones"})})]}),e==="rent"&&n(ci,{onClose:()=>t(null)}),e==="keys"&&n(ru,{onClose:()=>t(null)}),e==="delete"&&c&&n(ou,{message:c,onClose:()=>t(null)})]})}function Za({onRent:e}){let t=Q.value.phoneNumberId;return n(y,{children:[n("div",{class:"title",children:[n("h2",{children:"Your numbers"}),n("button",{type:"button",class:"button",onClick:e,children:[n(Y,{name:"plus"}),"Rent"]})]}),n("ul",{class:"number-list",children:be.value?.map(r=>n(eu,{number:r,isChosen:t===r.id},r.id))})]})}function eu({number:e,isChosen:t}){let r=on.value.get(e.id)??0;return n("li",{class:t?"chosen":void 0,children:[n("button",{type:"button",class:"pick","aria-pressed":t,onClick:()=>Q.value={...Q.value,phoneNumberId:t?"":e.id},title:t?"Show every number":"Show only this number",children:[n("strong",{children:n("bdi",{children:F(e.phoneNumber)})}),n("span",{class:"meta",children:[e.label??Ne(e.countryCode),e.expiresAt&&n(y,{children:[" \xB7 ",n(dn,{until:e.expiresAt})]})]})]}),r>0&&n("span",{class:"badge",children:[Ae(r),n("span",{class:"off-screen",children:" unread"})]}),n(z,{text:e.phoneNumber,what:`the number ${F(e.phoneNumber)}`,class:"quiet square"})]})}function tu(){let e=async()=>{let r=await Ks(!it.value);r&&C(r)},t="Sound and notifications";return n("button",{type:"button",class:"button quiet square","aria-pressed":it.value,"aria-label":t,title:t,onClick:e,children:n(Y,{name:it.value?"bell":"bellOff"})})}function nu({onRent:e}){if(!P.value)return n("div",{class:"skeletons","aria-busy":"true",role:"status",children:[n("span",{class:"off-screen",children:"Loading"}),n("i",{}),n("i",{}),n("i",{})]});if(nt(Q.value))return n("div",{class:"empty",children:[n("h2",{children:"Nothing fits"}),n("p",{children:"No message has all of what you are looking for."}),n("button",{type:"button",class:"button",onClick:()=>Q.value=Se,children:"Show everything"})]});let t=be.value?.[0];return t?n("div",{class:"empty",children:[n("h2",{children:"Waiting for a code"}),n("p",{children:"Give this number to whoever sends you one. It appears here by itself."}),n("p",{class:"big",children:n("bdi",{children:F(t.phoneNumber)})}),n(z,{text:t.phoneNumber,what:"the number",label:"Copy the number"})]}):n("div",{class:"empty",children:[n("h2",{children:"Rent a number first"}),n("p",{children:"It is yours for as long as you say, from an hour to a day. Codes that are sent to it appear here by themselves."}),n("button",{type:"button",class:"button primary",onClick:e,children:"Rent a number"})]})}function ru({onClose:e}){return n(L,{title:"Keys",onClose:e,children:n("dl",{class:"key-list",children:ti.map(([t,r,o])=>n("div",{children:[n("dt",{children:[n("kbd",{children:t}),r&&n(y,{children:[" ",n("kbd",{children:r})]})]}),n("dd",{children:o})]},t))})})}function ou({message:e,onClose:t}){return n(L,{title:"Delete the message?",onClose:t,children:[n("p",{children:"It is gone for good."}),n("div",{class:"actions",children:[n("button",{type:"button",class:"button danger",onClick:()=>an(e).then(()=>C("The message is deleted."),M).finally(t),children:"Delete"}),n("button",{type:"button",class:"button quiet",onClick:t,children:"Keep"})]})]})}var su={live:["Live","Connected: messages appear as they arrive."],connecting:["Connecting","Connecting to the server."],waiting:["Reconnecting","The connection was lost and is being made again. Nothing is missed."],offline:["Offline","There is no network. What arrives meanwhile appears when it is back."]};function iu(){let[e,t]=su[Ve.value];return n("span",{class:`connection ${Ve.value}`,title:t,role:"status",children:[n("span",{class:"dot","aria-hidden":"true"}),n("span",{class:"label",children:e})]})}function yn({to:e,icon:t,children:r,badge:o=0}){let s=e==="/"?Ee.value==="/":Ee.value.startsWith(e);return n("a",{href:e,"aria-current":s?"page":void 0,children:[n(Y,{name:t}),n("span",{children:r}),o>0&&n("span",{class:"badge",children:[n("span",{"aria-hidden":"true",children:Ae(o)}),n("span",{class:"off-screen",children:[", ",Ae(o)," unread"]})]})]})}function di({children:e}){let t=j.value;return n(y,{children:[n("a",{class:"skip",href:"#main",children:"Skip to the content"}),n("header",{class:"top",children:[n("a",{class:"brand",href:"/",children:[n(au,{}),"otpwire"]}),t&&n("nav",{"aria-label":"Main",children:[n(yn,{to:"/",icon:"inbox",badge:je.value,children:"Inbox"}),n(yn,{to:"/numbers",icon:"numbers",children:"Numbers"}),t.role==="ADMIN"&&n(yn,{to:"/console",icon:"console",children:"Console"}),n(yn,{to:"/account",icon:"account",children:"Account"})]}),t&&n(iu,{})]}),n("main",{id:"main",tabIndex:-1,children:e}),n(ps,{})]})}function au(){return n("svg",{class:"mark",viewBox:"0 0 32 32","aria-hidden":"true",children:[n("rect",{width:"32",height:"32",rx:"9"}),n("path",{d:"M8 12.5a2.5 2.5 0 0 1 2.5-2.5h11a2.5 2.5 0 0 1 2.5 2.5v6a2.5 2.5 0 0 1-2.5 2.5H15l-4.5 3.5V21A2.5 2.5 0 0 1 8 18.5z"}),n("circle",{cx:"12.4",cy:"15.5",r:"1.3"}),n("circle",{cx:"16",cy:"15.5",r:"1.3"}),n("circle",{cx:"19.6",cy:"15.5",r:"1.3"})]})}var uu={"/register":Js,"/forgot-password":Zs,"/reset-password":ei,"/verify-email":Xs},lu={"/":cr,"/numbers":ii,"/account":js};function cu(){let e=Ee.value,t=uu[e];if(t&&(!j.value||e==="/verify-email"||e==="/reset-password"))return n(t,{});if(j.value===void 0)return n("div",{class:"skeletons","aria-busy":"true",role:"status",children:[n("span",{class:"off-screen",children:"Loading"}),n("i",{}),n("i",{}),n("i",{})]});if(j.value===null)return n(zs,{});if(e.startsWith("/console"))return n(Us,{});let r=lu[e]??cr;return n(r,{})}var dr=document.getElementById("app");dr&&(dr.textContent="",cs(),Gs(),Cn(n(di,{children:n(cu,{})}),dr),ms());})();
